#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/types.hpp"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// Values one after the other as bytes of this machine, for ranks of one run, which are alike. What names its
/// members once, for Packer and Unpacker, cannot be read otherwise than it was written.
namespace optex {

class Packer {
 public:
  template <class... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  /// each(item) packs one of them.
  template <class Item, class Each>
  void list(const std::vector<Item>& items, Each each) {
    put(items.size());
    for (const Item& item : items) each(item);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void raw(const void* from, std::size_t count) { bytes_.append(static_cast<const char*>(from), count); }

  template <class Plain>
  void put(const Plain& value) {
    static_assert(std::is_trivially_copyable_v<Plain>);
    raw(&value, sizeof value);
  }
  void put(const std::string& text) {
    put(text.size());
    raw(text.data(), text.size());
  }
  void put(const Matrix& values) {
    put(values.rows());
    put(values.cols());
    raw(values.data(), sizeof(double) * static_cast<std::size_t>(values.size()));
  }
  void put(const Vector& values) {
    put(values.size());
    raw(values.data(), sizeof(double) * static_cast<std::size_t>(values.size()));
  }
  template <class Item>
  void put(const std::vector<Item>& items) {
    list(items, [this](const Item& item) { put(item); });
  }

  std::string bytes_;
};

/// Throws Error (internal) when there are fewer bytes than the values need.
class Unpacker {
 public:
  /// The bytes must outlive this object.
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

  template <class... Values>
  void operator()(Values&... values) {
    (take(values), ...);
  }
  template <class Item, class Each>
  void list(std::vector<Item>& items, Each each) {
    items.resize(static_cast<std::size_t>(count(1)));
    for (Item& item : items) each(item);
  }

 private:
  void raw(void* to, std::size_t bytes) {
    if (bytes > rest_.size()) refuse();
    if (bytes > 0) std::memcpy(to, rest_.data(), bytes);
    rest_.remove_prefix(bytes);
  }
  /// Of things that take so many bytes each at least.
  Index count(std::size_t bytes) {
    Index found = 0;
    take(found);
    if (found < 0 || static_cast<std::size_t>(found) > rest_.size() / bytes) refuse();
    return found;
  }
  [[noreturn]] static void refuse() { throw Error(ExitCode::internal, "garbled message between ranks"); }

  template <class Plain>
  void take(Plain& value) {
    static_assert(std::is_trivially_copyable_v<Plain>);
    raw(&value, sizeof value);
  }
  void take(std::string& text) {
    text.resize(static_cast<std::size_t>(count(1)));
    raw(text.data(), text.size());
  }
  void take(Matrix& values) {
    Index rows = 0, columns = 0;
    take(rows);
    take(columns);
    const auto most = static_cast<Index>(rest_.size() / sizeof(double));
    if (rows < 0 || columns < 0 || (rows > 0 && columns > most / rows)) refuse();
    values.resize(rows, columns);
    raw(values.data(), sizeof(double) * static_cast<std::size_t>(values.size()));
  }
  void take(Vector& values) {
    values.resize(count(sizeof(double)));
    raw(values.data(), sizeof(double) * static_cast<std::size_t>(values.size()));
  }
  template <class Item>
  void take(std::vector<Item>& items) {
    list(items, [this](Item& item) { take(item); });
  }

  std::string_view rest_;
};

}  // namespace optex
