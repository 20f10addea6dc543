#include "sliced_fields.hpp"

#include "optex/checkpoint/long_fields.hpp"
#include "optex/checkpoint/slices_of_state.hpp"
#include "optex/checkpoint/state_fields.hpp"
#include "optex/core/errors.hpp"

#include <concepts>
#include <cstring>
#include <string>
#include <utility>

namespace optex {
namespace {

/// Long ones are dealt out, and the objective's state, which may be as long, is of use to rank 0 alone.
bool is_shared(const std::string& path) { return !is_long(path) && path != "/state/objective"; }

/// Numbers and texts one after the other, as bytes of this machine: ranks of one run are alike.
class Packer {
 public:
  void raw(const void* bytes, std::size_t count) { text_.append(static_cast<const char*>(bytes), count); }
  void number(std::int64_t value) { raw(&value, sizeof value); }
  void numbers(const double* values, Index count) {
    raw(values, sizeof(double) * static_cast<std::size_t>(count));
  }

  template <std::signed_integral Integer>
  void operator()(const std::string&, const Integer& value) {
    number(value);
  }
  void operator()(const std::string&, const double& value) { raw(&value, sizeof value); }
  void operator()(const std::string&, const std::string& text) {
    number(std::ssize(text));
    raw(text.data(), text.size());
  }
  void operator()(const std::string& path, const Vector& values) {
    if (!is_shared(path)) return;
    number(values.size());
    numbers(values.data(), values.size());
  }
  void operator()(const std::string& path, const Matrix& values) {
    if (is_long(path)) return;
    number(values.rows());
    number(values.cols());
    numbers(values.data(), values.size());
  }
  void operator()(const std::string&, const GradientHistory&) {}

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string text) : text_(std::move(text)) {}

  void raw(void* bytes, std::size_t count) {
    if (count > text_.size() - at_) throw Error(ExitCode::internal, "garbled message between ranks: a state");
    if (count > 0) std::memcpy(bytes, text_.data() + at_, count);
    at_ += count;
  }
  std::int64_t number() {
    std::int64_t value = 0;
    raw(&value, sizeof value);
    return value;
  }
  /// A count of things that take `bytes` each.
  std::int64_t count(std::size_t bytes) {
    const std::int64_t found = number();
    if (found < 0 || static_cast<std::uint64_t>(found) > (text_.size() - at_) / bytes)
      throw Error(ExitCode::internal, "garbled message between ranks: the length of a state's member");
    return found;
  }

  template <std::signed_integral Integer>
  void operator()(const std::string&, Integer& value) {
    value = static_cast<Integer>(number());
  }
  void operator()(const std::string&, double& value) { raw(&value, sizeof value); }
  void operator()(const std::string&, std::string& text) {
    text.resize(static_cast<std::size_t>(count(1)));
    raw(text.data(), text.size());
  }
  void operator()(const std::string& path, Vector& values) {
    if (!is_shared(path)) return;
    values.resize(count(sizeof(double)));
    raw(values.data(), sizeof(double) * static_cast<std::size_t>(values.size()));
  }
  void operator()(const std::string& path, Matrix& values) {
    if (is_long(path)) return;
    const std::int64_t rows = number();
    const std::int64_t columns = number();
    if (rows < 0 || columns < 0 ||
        (rows > 0 && static_cast<std::uint64_t>(columns) > text_.size() / static_cast<std::uint64_t>(rows)))
      throw Error(ExitCode::internal, "garbled message between ranks: the shape of a state's member");
    values.resize(rows, columns);
    raw(values.data(), sizeof(double) * static_cast<std::size_t>(values.size()));
  }
  void operator()(const std::string&, GradientHistory&) {}

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// Goes through the state in the order of FieldWriter.
class SliceSender {
 public:
  explicit SliceSender(CoordinateSlices& slices) : slices_(slices) {}

  template <class Short>
  void operator()(const std::string&, const Short&) {}
  void operator()(const std::string& path, const Vector& values) {
    if (is_long(path) && values.size() > 0) slices_.gather(values);
  }
  void operator()(const std::string& path, const Matrix& values) {
    if (!is_long(path)) return;
    for (Index column = 0; column < values.cols() && values.rows() > 0; ++column)
      slices_.gather(values.col(column));
  }
  void operator()(const std::string& path, const GradientHistory& history) {
    if (history.capacity() == 0) return;
    (*this)(path + "/origin", history.origin());
    for (Index i = 0; i < history.size(); ++i) slices_.gather(history.stored_theta(i));
    for (Index i = 0; i < history.size(); ++i) slices_.gather(history.gradient(i));
  }
  bool is_there(const std::string&, bool has_content) const { return has_content; }

 private:
  CoordinateSlices& slices_;
};

/// Goes through the state in the order of FieldReader.
class SliceReceiver {
 public:
  explicit SliceReceiver(CoordinateSlices& slices) : slices_(slices) {}

  template <class Short>
  void operator()(const std::string&, Short&) {}
  void operator()(const std::string& path, Vector& values) {
    if (is_long(path) && said_number() > 0) values = slices_.scatter(Vector());
  }
  void operator()(const std::string& path, Matrix& values) {
    if (!is_long(path)) return;
    const Index columns = said_number();
    if (columns == no_columns) return values.resize(0, 0);
    values.resize(slices_.mine().size, columns);
    for (Index column = 0; column < values.cols(); ++column) values.col(column) = slices_.scatter(Vector());
  }
  void operator()(const std::string& path, GradientHistory& history) {
    Vector origin;
    (*this)(path + "/origin", origin);
    const HistoryShape shape = share_shape({}, slices_);
    if (shape.capacity == 0) return;
    const Precision precision = shape.bits == 32 ? Precision::f32 : Precision::f64;
    history = GradientHistory(slices_.mine().size, shape.capacity, precision);
    history.restore_origin(std::move(origin));
    for (Index i = 0; i < shape.values.size(); ++i) {
      const Vector theta = slices_.scatter(Vector());
      const Vector gradient = slices_.scatter(Vector());
      history.restore(theta, gradient, shape.values[i], shape.iterations[static_cast<std::size_t>(i)]);
    }
  }
  bool is_there(const std::string&, bool) const { return said_number() > 0; }

 private:
  Index said_number() const { return std::stoll(slices_.share("")); }

  CoordinateSlices& slices_;
};

}  // namespace

HistoryShape share_shape(const HistoryShape& shape, CoordinateSlices& slices) {
  Packer pack;
  pack.number(shape.capacity);
  pack.number(shape.bits);
  pack("", shape.values);
  for (const std::int64_t iteration : shape.iterations) pack.number(iteration);
  Unpacker unpack(slices.share(slices.is_first() ? pack.text() : ""));
  HistoryShape shared;
  shared.capacity = unpack.number();
  shared.bits = unpack.number();
  unpack("", shared.values);
  for (Index i = 0; i < shared.values.size(); ++i) shared.iterations.push_back(unpack.number());
  return shared;
}

void share_short_fields(RunState& state, CoordinateSlices& slices) {
  Packer pack;
  visit_fields(std::as_const(state), pack);
  Unpacker unpack(slices.share(slices.is_first() ? pack.text() : ""));
  visit_fields(state, unpack);
}

void send_slices(const RunState& state, CoordinateSlices& slices) {
  SliceSender send(slices);
  visit_fields(state, send);
}

RunState receive_slices(CoordinateSlices& slices) {
  RunState state;
  SliceReceiver receive(slices);
  visit_fields(state, receive);
  share_short_fields(state, slices);
  return state;
}

}  // namespace optex
