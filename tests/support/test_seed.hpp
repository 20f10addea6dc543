#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace optex::test {

/// The seed of a test that draws its cases: the same in every run, or with the environment variable
/// OPTEX_TEST_SEED (a number: CI's nightly run takes the date) another one for each of its values. While it
/// lives a failure tells how to draw the same cases again.
class TestSeed {
 public:
  explicit TestSeed(std::uint64_t usual)
      : value_(usual + 1000003 * given()),
        trace_(__FILE__, __LINE__, "drawn with OPTEX_TEST_SEED=" + std::to_string(given())) {}
  std::uint64_t operator()() const { return value_; }

 private:
  /// 0: the usual cases.
  static std::uint64_t given() {
    const char* const text = std::getenv("OPTEX_TEST_SEED");
    return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  }

  std::uint64_t value_;
  testing::ScopedTrace trace_;
};

}  // namespace optex::test
