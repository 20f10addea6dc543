#pragma once

#include "optex/files/descriptor.hpp"

#include <string>
#include <string_view>

namespace optex::files {

/// Writes text in pieces of a MiB, however it comes. The file must outlive it.
class GatheredText {
 public:
  explicit GatheredText(const Descriptor& file) : file_(file) {}

  void put(std::string_view text) {
    pending_ += text;
    if (pending_.size() >> 20 > 0) flush();
  }
  /// What is not yet written: nothing else does so in the end.
  void flush() {
    file_.write_all(pending_.data(), pending_.size());
    pending_.clear();
  }

 private:
  const Descriptor& file_;
  std::string pending_;
};

}  // namespace optex::files
