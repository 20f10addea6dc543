#include "optex/core/row_products.hpp"

#include "optex/core/large_buffer.hpp"
#include "optex/core/reductions.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr Index size = 40, stride = 48;

/// a'b, or |a - b|^2, in the lanes that row_products promises for any processor.
double promised(const double* a, const double* b, bool distance) {
  double lane[8] = {};
  for (Index i = 0; i < size; ++i) {
    const double x = distance ? a[i] - b[i] : a[i];
    lane[i % 8] = std::fma(x, distance ? x : b[i], lane[i % 8]);
  }
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

std::vector<const double*> list_of(const std::vector<double>& rows, Index first, Index count) {
  std::vector<const double*> list;
  for (Index i = first; i < first + count; ++i) list.push_back(rows.data() + i * stride);
  return list;
}

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

TEST(RowProducts, OfTwoListsHaveTheSameDigitsOnEveryProcessor) {
  const Index many = 76, few = 8, older = 5;  // more rows than are kept at a time, on either side
  const std::vector<double> rows = rows_of(many, 0.3);
  const std::vector<const double*> all = list_of(rows, 0, many), some = list_of(rows, older, few);
  const auto check = [&](const std::vector<const double*>& a, const std::vector<const double*>& b,
                         Index diagonal, bool distance) {
    std::vector<double> out(a.size() * b.size(), 0.0);
    const RowList left{a.data(), std::ssize(a)}, right{b.data(), std::ssize(b)};
    (distance ? add_squared_distances : static_cast<decltype(&add_squared_distances)>(add_row_products))(
        left, right, diagonal, size, out.data());
    for (Index i = 0; i < left.count; ++i)
      for (Index j = 0; j < right.count && j <= diagonal + i; ++j)
        EXPECT_EQ(out[static_cast<std::size_t>(i * right.count + j)],
                  promised(left.rows[i], right.rows[j], distance))
            << i << " " << j;
  };
  for (const bool distance : {false, true}) {
    check(some, all, many, distance);
    check(all, some, few, distance);
    check(some, all, older, distance);
    check(all, all, 0, distance);
  }
}

}  // namespace
}  // namespace optex
