#include "optex/surrogate/row_combination.hpp"

#include "optex/core/parallel_for.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

Matrix made_up(Index length, Index count) {
  Matrix rows(length, count);
  for (Index k = 0; k < count; ++k)
    for (Index i = 0; i < length; ++i)
      rows(i, k) = std::sin(static_cast<double>(1 + i * 7 + k * 13)) / static_cast<double>(1 + k);
  return rows;
}

RowSet columns_of(const Matrix& matrix) {
  std::vector<const double*> rows;
  for (Index k = 0; k < matrix.cols(); ++k) rows.push_back(matrix.col(k).data());
  return rows_at(rows);
}

// Odd numbers of rows and coordinates, so that every rest is there.
TEST(RowProducts, AreThoseOfTheMatrices) {
  const Matrix a = made_up(1237, 7), b = made_up(1237, 5);
  EXPECT_LT((row_products(columns_of(a), columns_of(b), 1237) - a.transpose() * b).norm(), 1e-11);
  EXPECT_LT((row_products(columns_of(a), 1237) - a.transpose() * a).norm(), 1e-11);
}

TEST(RowProducts, OfTwoRowsDoNotDependOnTheOthers) {
  const Matrix a = made_up(1237, 7);
  const Matrix all = row_products(columns_of(a), 1237);
  for (Index i = 0; i < 7; ++i)
    for (Index j = 0; j < 7; ++j)
      EXPECT_EQ(row_products(columns_of(a.col(i)), columns_of(a.col(j)), 1237)(0, 0), all(i, j));
}

TEST(RowProducts, DoNotDependOnThreads) {
  const Matrix a = made_up(100000, 6);
  const Matrix alone = row_products(columns_of(a), 100000);
  const Matrix weights = made_up(6, 5);
  const Matrix combined = row_combinations(columns_of(a), weights, 100000);
  set_thread_count(3);
  EXPECT_EQ(row_products(columns_of(a), 100000), alone);
  EXPECT_EQ(row_combinations(columns_of(a), weights, 100000), combined);
  set_thread_count(1);
}

TEST(RowCombinations, AreThoseOfTheMatrices) {
  const Matrix a = made_up(1237, 7), weights = made_up(7, 5);
  EXPECT_LT((row_combinations(columns_of(a), weights, 1237) - a * weights).norm(), 1e-11);
}

}  // namespace
}  // namespace optex
