#include "optex/core/parallel_for.hpp"
#include "optex/surrogate/matrix_products.hpp"
#include "optex/surrogate/row_span.hpp"
#include "optex/surrogate/symmetric_eigen.hpp"

#include <cmath>

#include "support/made_up_matrix.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::made_up;

// Odd sizes, so that every rest is there, and sums that are longer than a strip.
TEST(MatrixProducts, AreThoseOfTheMatrices) {
  const Matrix a = made_up(53, 301), b = made_up(301, 37);
  EXPECT_LT((product(plain(a), plain(b)) - a * b).norm(), 1e-10);
  EXPECT_LT((product(turned(b), turned(a)) - b.transpose() * a.transpose()).norm(), 1e-10);
  const auto left = a.block(2, 1, 50, 300);
  const auto right = b.block(1, 1, 300, 36);
  EXPECT_LT((product(plain(left), plain(right)) - left * right).norm(), 1e-10);
  EXPECT_LT((symmetric_product(plain(a), turned(a)) - a * a.transpose()).norm(), 1e-10);
  EXPECT_EQ(product(plain(Matrix(3, 0)), plain(Matrix(0, 2))), Matrix::Zero(3, 2));
}

TEST(MatrixProducts, AnEntryDependsOnItsRowAndColumnAlone) {
  const Matrix a = made_up(201, 301), b = made_up(301, 97);
  set_thread_count(3);
  const Matrix all = product(plain(a), plain(b));
  const Matrix symmetric = symmetric_product(plain(a), turned(a));
  set_thread_count(1);
  EXPECT_EQ(product(plain(a), plain(b)), all);
  EXPECT_EQ(product(plain(a), turned(a)), symmetric);
  for (const Index i : {0, 25, 200})
    for (const Index j : {0, 9, 96})
      EXPECT_EQ(product(plain(a.middleRows(i, 1)), plain(b.col(j)))(0, 0), all(i, j));
}

TEST(MatrixProducts, ZerosAtTheEndOfAColumnChangeNoDigit) {
  const Matrix a = made_up(53, 301);
  const Matrix b = made_up(301, 301).triangularView<Eigen::Upper>();
  const Matrix all = product(plain(a), plain(b));
  for (const Index j : {0, 1, 47, 255, 256, 300}) {
    const Matrix column = b.col(j).head(j + 1);
    EXPECT_EQ(product(plain(a.leftCols(j + 1)), plain(column)).col(0), all.col(j)) << j;
  }
}

void expect_eigen(const Matrix& matrix) {
  const Index n = matrix.rows();
  const auto [values, vectors] = symmetric_eigen(matrix);
  ASSERT_EQ(values.size(), n);
  const double size = matrix.norm() + 1e-300;
  EXPECT_LT((matrix * vectors - vectors * values.asDiagonal()).norm() / size, 1e-12);
  EXPECT_LT((vectors.transpose() * vectors - Matrix::Identity(n, n)).norm(), 1e-11);
  for (Index i = 1; i < n; ++i) EXPECT_LE(values[i - 1], values[i]);
}

TEST(SymmetricEigen, GivesTheMatrixBack) {
  for (const Index n : {1, 2, 3, 31, 32, 33, 34, 90}) expect_eigen(made_up(n, n) + made_up(n, n).transpose());
  expect_eigen(Matrix::Zero(40, 40));
  expect_eigen(Matrix::Identity(40, 40));
  expect_eigen(Vector::LinSpaced(40, -1.0, 1.0).asDiagonal());
  // Fewer dimensions than rows, and sizes from 1 to 1e-10.
  const Matrix thin = made_up(70, 20) * Vector::LinSpaced(20, 0.0, -5.0).array().exp().matrix().asDiagonal();
  expect_eigen(thin * thin.transpose());
}

TEST(SymmetricEigen, DoesNotDependOnThreads) {
  const Matrix matrix = made_up(150, 150) + made_up(150, 150).transpose();
  set_thread_count(3);
  const SymmetricEigen shared = symmetric_eigen(matrix);
  set_thread_count(1);
  const SymmetricEigen alone = symmetric_eigen(matrix);
  EXPECT_EQ(alone.values, shared.values);
  EXPECT_EQ(alone.vectors, shared.vectors);
}

TEST(RowSpan, HasWhatTheFirstRowsSpanFirst) {
  Matrix rows = made_up(140, 400);
  rows.topRows(60) = made_up(60, 50) * made_up(50, 400);
  const Matrix products = rows * rows.transpose();
  const RowSpan span(products, 400, 60);
  ASSERT_EQ(span.first_rank(), 50);
  ASSERT_EQ(span.rank(), 130);
  EXPECT_LT((span.coordinates() * span.coordinates().transpose() - products).norm() / products.norm(), 1e-12);
  EXPECT_LT(span.coordinates().topRightCorner(60, 80).norm() / rows.topRows(60).norm(), 1e-6);
  const Matrix others = rows * made_up(400, 3);
  EXPECT_EQ(span.project(others, 50), span.project(others).topRows(50));
}

TEST(RowSpan, HoldsRowsThatDependOnEachOther) {
  const Matrix rows = made_up(160, 120) * made_up(120, 400);
  const Matrix products = rows * rows.transpose();
  const RowSpan span(products, 400);
  ASSERT_EQ(span.rank(), 120);
  EXPECT_LT((span.coordinates() * span.coordinates().transpose() - products).norm() / products.norm(), 1e-12);
  const Matrix others = made_up(400, 3);
  const Matrix inside = rows.transpose() * span.weights(span.project(rows * others));
  EXPECT_LT((rows * (others - inside)).norm() / (rows.norm() * others.norm()), 1e-9);
  EXPECT_EQ(RowSpan(products, 70).rank(), 70);
}

}  // namespace
}  // namespace optex
