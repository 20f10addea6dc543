#include "optex/surrogate/known_part.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

/// The second difference of d points, doubled on the diagonal by two entries of one place.
std::vector<HessianEntry> second_difference(Index d) {
  std::vector<HessianEntry> entries;
  for (Index i = 0; i < d; ++i) {
    entries.push_back({i, i, 1.0});
    entries.push_back({i, i, 1.0});
    if (i > 0) entries.push_back({i, i - 1, -1.0});
  }
  return entries;
}

Matrix dense(const std::vector<HessianEntry>& entries, Index d) {
  Matrix whole = Matrix::Zero(d, d);
  for (const HessianEntry& entry : entries) {
    whole(entry.row, entry.column) += entry.value;
    if (entry.row != entry.column) whole(entry.column, entry.row) += entry.value;
  }
  return whole;
}

RowSet rows_of(const Matrix& columns) {
  std::vector<const double*> rows;
  for (Index k = 0; k < columns.cols(); ++k) rows.push_back(columns.col(k).data());
  return rows_at(rows);
}

TEST(KnownPart, IsTheSymmetricMatrixOfItsLowerTriangle) {
  const std::vector<HessianEntry> entries = second_difference(20);
  const KnownPart known(entries, 20);
  const Matrix identity = Matrix::Identity(20, 20);
  EXPECT_EQ(known.times(rows_of(identity)), dense(entries, 20));
  EXPECT_EQ(known.times(identity.col(3)), dense(entries, 20).col(3));
}

// C C' = K + shift I: e_i'(C C')e_j = (C'e_i)'(C'e_j); C'^-1 C' = I; x'g = x~'g~.
TEST(KnownPart, ScalesByAFactorOfItselfAndAShift) {
  constexpr Index d = 60;
  std::vector<HessianEntry> entries = second_difference(d);
  for (Index i = 15; i < d; ++i) entries.push_back({i, i - 15, 0.3});  // an order of its own pays
  const auto scale = KnownPart(entries, d).scale(0.5);
  ASSERT_NE(scale, nullptr);
  const Matrix identity = Matrix::Identity(d, d);
  Matrix up(d, d);
  for (Index i = 0; i < d; ++i) up.col(i) = scale->up(identity.col(i));
  const Matrix expected = dense(entries, d) + 0.5 * identity;
  EXPECT_LT((up.transpose() * up - expected).cwiseAbs().maxCoeff(), 1e-13);
  const Vector x = Vector::LinSpaced(d, -1.0, 2.0), g = expected * x.cwiseAbs();
  EXPECT_LT((scale->down(scale->up(x)) - x).norm(), 1e-12);
  EXPECT_NEAR(scale->up(x).dot(scale->gradient(g)), x.dot(g), 1e-10);
  EXPECT_EQ(scale->gradients(rows_of(g)).col(0), scale->gradient(g));
  Vector read(d);
  copy_row(scale->up(rows_of(identity)), 7, d, read.data());
  EXPECT_EQ(read, up.col(7));
}

TEST(KnownPart, IsLiftedUntilItHasAFactor) {
  const KnownPart falls({{0, 0, -1.0}, {1, 1, 5.0}}, 2);
  const auto scale = falls.scale(0.02);  // 0.2 is not enough, 2 is
  ASSERT_NE(scale, nullptr);
  EXPECT_NEAR(scale->up(Vector::Unit(2, 0)).squaredNorm(), 1.0, 1e-14);
  EXPECT_NEAR(scale->up(Vector::Unit(2, 1)).squaredNorm(), 7.0, 1e-14);
  EXPECT_EQ(falls.scale(1e-9), nullptr);
  EXPECT_EQ(KnownPart({{1, 0, 0.0}}, 2).scale(1.0), nullptr);
}

}  // namespace
}  // namespace optex
