#include "optex/core/large_buffer.hpp"

#include <cstdint>
#include <new>
#include <utility>

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(LargeBuffer, IsZeroAlignedAndAValue) {
  for (const std::size_t bytes : {std::size_t{24}, std::size_t{8} << 20U}) {
    LargeBuffer buffer(bytes);
    ASSERT_EQ(buffer.size(), bytes);
    const std::size_t alignment = bytes > 24 ? std::size_t{2} << 20U : 64;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % alignment, 0U);
    auto* const numbers = static_cast<double*>(buffer.data());
    EXPECT_EQ(numbers[0], 0.0);
    EXPECT_EQ(numbers[bytes / sizeof(double) - 1], 0.0);
    numbers[1] = 3.0;
    LargeBuffer copy = buffer;
    numbers[1] = 4.0;
    EXPECT_EQ(static_cast<double*>(copy.data())[1], 3.0);
    const LargeBuffer moved = std::move(buffer);
    EXPECT_EQ(static_cast<const double*>(moved.data())[1], 4.0);
    copy = moved;
    EXPECT_EQ(static_cast<double*>(copy.data())[1], 4.0);
  }
  EXPECT_EQ(LargeBuffer().size(), 0U);
}

TEST(LargeBuffer, MoreThanThereIsIsRefused) {
  EXPECT_THROW(LargeBuffer(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(LargeBuffer(std::size_t{1} << 60U), std::bad_alloc);
}

}  // namespace
}  // namespace optex
