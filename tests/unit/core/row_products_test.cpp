#include "optex/core/row_products.hpp"

#include "optex/core/large_buffer.hpp"
#include "optex/core/reductions.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr Index size = 40, stride = 48;

/// `count` rows of numbers, and rows of zeros up to the next group.
std::vector<double> rows_of(Index count, double phase) {
  std::vector<double> rows(static_cast<std::size_t>(filled_up(count, row_group) * stride), 0.0);
  for (Index i = 0; i < count; ++i)
    for (Index c = 0; c < size; ++c)
      rows[static_cast<std::size_t>(i * stride + c)] = std::sin(phase + static_cast<double>(7 * i + c));
  return rows;
}

TEST(RowProducts, AreTheInnerProductsAddedToWhatWasThere) {
  for (const Index count : {1, 4, 7}) {
    const std::vector<double> rows = rows_of(count, 0.3);
    const Index filled = filled_up(count, row_group);
    std::vector<double> out(static_cast<std::size_t>(filled * filled), 1.0);
    add_row_products(rows.data(), stride, filled, size, out.data());
    for (Index i = 0; i < count; ++i)
      for (Index j = 0; j <= i; ++j)
        EXPECT_NEAR(out[static_cast<std::size_t>(i * filled + j)],
                    1.0 + dot(rows.data() + i * stride, rows.data() + j * stride, size), 1e-13);
  }
}

TEST(RowProducts, DoNotDependOnTheOtherRows) {
  const std::vector<double> few = rows_of(3, 0.3), many = rows_of(9, 0.3);
  std::vector<double> alone(16, 0.0), among(144, 0.0);
  add_row_products(few.data(), stride, 4, size, alone.data());
  add_row_products(many.data(), stride, 12, size, among.data());
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j <= i; ++j) EXPECT_EQ(alone[i * 4 + j], among[i * 12 + j]);
}

}  // namespace
}  // namespace optex
