#include "optex/surrogate/stencil.hpp"

#include "optex/core/random.hpp"
#include "optex/surrogate/round_plan.hpp"
#include "optex/surrogate/stencil_choice.hpp"
#include "optex/surrogate/stencil_fit.hpp"
#include "optex/surrogate/stencil_scale.hpp"

#include <cmath>
#include <vector>

#include "support/smooth_functions.hpp"
#include "support/thread_slices.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

RowSet columns_of(const Matrix& matrix) {
  std::vector<const double*> rows;
  for (Index k = 0; k < matrix.cols(); ++k) rows.push_back(matrix.col(k).data());
  return rows_at(rows);
}

Matrix signs(Index length, Index count, std::uint64_t seed = 0) {
  Matrix all(length, count);
  for (Index k = 0; k < count; ++k) all.col(k) = random_signs({.seed = seed}, k, length);
  return all;
}

Matrix normal_steps(Index length, Index count) {
  const CounterRandom random({.seed = 5}, Stream::direction);
  Matrix steps(length, count);
  for (Index i = 0; i < steps.size(); ++i) steps.data()[i] = random.normal(static_cast<std::uint64_t>(i));
  return steps;
}

Matrix laplacian_of(const Matrix& vectors, Index m) {
  Matrix images(vectors.rows(), vectors.cols());
  for (Index k = 0; k < vectors.cols(); ++k) images.col(k) = test::laplacian(vectors.col(k), m);
  return images;
}

WeightedPairs pairs_of(const Matrix& steps, const Matrix& changes) {
  WeightedPairs pairs;
  for (Index k = 0; k < steps.cols(); ++k) {
    pairs.steps.push_back(steps.col(k).data());
    pairs.changes.push_back(changes.col(k).data());
    pairs.weights.push_back(1.0);
  }
  return pairs;
}

TEST(FindStencil, FindsTheGridOfALaplacianAndABand) {
  const Matrix probes = signs(400, 3);
  EXPECT_EQ(find_stencil(columns_of(probes), columns_of(laplacian_of(probes, 20)), 400), (Stencil{1, 20}));
  Matrix images = 2.0 * probes;
  images.bottomRows(399) += probes.topRows(399);
  images.topRows(399) += probes.bottomRows(399);
  EXPECT_EQ(find_stencil(columns_of(probes), columns_of(images), 400), (Stencil{1}));
}

// 6 standard deviations at each of 499 offsets: once in a million such trials.
TEST(FindStencil, FindsNothingInNoiseOrWhereAllIsZero) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const CounterRandom random({.seed = seed}, Stream::noise);
    Matrix noise(500, 3);
    for (Index i = 0; i < noise.size(); ++i) noise.data()[i] = random.normal(static_cast<std::uint64_t>(i));
    EXPECT_TRUE(find_stencil(columns_of(signs(500, 3, seed)), columns_of(noise), 500).empty());
  }
  const Matrix probes = signs(50, 2), zero = Matrix::Zero(50, 2);
  EXPECT_TRUE(find_stencil(columns_of(probes), columns_of(zero), 50).empty());
  EXPECT_TRUE(find_stencil(columns_of(probes), columns_of(probes), 1).empty());
}

// Of a diagonal matrix both directions say the same: what chance shows is 1.4 times as much as in noise, at
// each of many offsets. And a product that is much larger than the others is no neighbour of the other end.
TEST(FindStencil, FindsNothingInADiagonalMatrix) {
  constexpr Index d = 30'000;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Matrix probes = signs(d, 2, seed);
    EXPECT_TRUE(find_stencil(columns_of(probes), columns_of(3.0 * probes), d).empty()) << seed;
  }
  const Matrix probes = signs(500, 3);
  Matrix images = probes;
  images.row(0) *= 1e3;
  EXPECT_TRUE(find_stencil(columns_of(probes), columns_of(images), 500).empty());
}

// Of 160,000 coordinates only some are looked at.
TEST(StencilChoice, TakesTheGridAlsoWhereTheCoordinatesAreMany) {
  constexpr Index m = 400, d = m * m, older = 8, fresh = 3;
  const Matrix steps = normal_steps(d, older + fresh), changes = laplacian_of(steps, m);
  PairMemory pairs(100, Vector::Zero(d));
  for (Index k = 0; k < older + fresh; ++k) pairs.append({{steps.col(k), changes.col(k), Vector::Zero(d)}});
  StencilChoice choice;
  choice.offsets = Vector{{1.0, static_cast<double>(m)}};
  choose_stencil(pairs, fresh, Vector::Zero(d), older, choice);
  ASSERT_GT(choice.chosen, 0);
  EXPECT_EQ(candidates_of(choice)[static_cast<std::size_t>(choice.chosen - 1)], (Stencil{1, m}));
  EXPECT_LT(choice.errors[choice.chosen], choice.errors[0] - 3.0);
}

struct FoundPrior {
  StencilChoice choice;
  Vector up, gradient, down;  // of the last step
};

FoundPrior prior_of(const Matrix& steps, const Matrix& changes, Index fresh) {
  const Index d = steps.rows();
  PairMemory pairs(100, Vector::Zero(d));
  for (Index k = 0; k < steps.cols(); ++k) pairs.append({{steps.col(k), changes.col(k), Vector::Zero(d)}});
  FoundPrior found;
  look_for_grid(pairs, found.choice);
  choose_stencil(pairs, fresh, Vector::Zero(d), steps.cols() - fresh, found.choice);
  const auto scale = prior_scale_at(pairs, Vector::Zero(d), steps.cols(), found.choice);
  if (!scale) return found;
  const Vector last = steps.rightCols(1);
  found.up = scale->up(last);
  found.gradient = scale->gradient(last);
  found.down = scale->down(last);
  return found;
}

// Three segments: between them nothing is coupled, whoever holds them.
TEST(StencilChoice, IsTheSameOnSlices) {
  constexpr Index m = 448, d = m * m, fresh = 3;
  for (const bool grid : {true, false}) {
    const Matrix steps = signs(d, 11);
    Matrix changes = laplacian_of(steps, m);
    if (!grid) {  // neighbours in a line
      changes = 2.0 * steps;
      changes.bottomRows(d - 1) -= 0.9 * steps.topRows(d - 1);
      changes.topRows(d - 1) -= 0.9 * steps.bottomRows(d - 1);
    }
    const FoundPrior whole = prior_of(steps, changes, fresh);
    ASSERT_GT(whole.choice.chosen, 0);
    ASSERT_EQ(whole.up.size(), d);
    EXPECT_EQ(whole.choice.offsets.size(), grid ? 2 : 0);
    for (const int holders : {grid ? 2 : 3}) {
      testing::ThreadSlices slices(d, holders);
      slices.run([&](CoordinateSlices& mine) {
        const SlicesInUse use(&mine);
        const auto [first, size] = mine.mine();
        const FoundPrior found =
            prior_of(steps.middleRows(first, size), changes.middleRows(first, size), fresh);
        EXPECT_EQ(found.choice.offsets, whole.choice.offsets);
        EXPECT_EQ(found.choice.chosen, whole.choice.chosen);
        for (Index k = 0; k < found.choice.errors.size(); ++k)
          EXPECT_TRUE(std::isnan(whole.choice.errors[k]) || found.choice.errors[k] == whole.choice.errors[k]);
        EXPECT_EQ(found.up, whole.up.segment(first, size));
        EXPECT_EQ(found.gradient, whole.gradient.segment(first, size));
        EXPECT_EQ(found.down, whole.down.segment(first, size));
      });
    }
  }
}

TEST(StencilSums, GiveBackAGridsHessian) {
  const Stencil grid = {1, 12};
  const Matrix steps = normal_steps(144, 12), changes = laplacian_of(steps, 12);
  const StencilMatrix found = StencilSums(pairs_of(steps, changes), {{0, 144}}, {{}, grid}).hessian(grid);
  EXPECT_LT((found.entries.col(0).array() - 4.0).abs().maxCoeff(), 1e-3);
  EXPECT_NEAR(found.entries(30, 1), -1.0, 1e-3);
  EXPECT_NEAR(found.entries(11, 1), 0.0, 1e-3);  // the end of a row of the grid
  EXPECT_NEAR(found.entries(30, 2), -1.0, 1e-3);
  EXPECT_LT(squared_errors(found, pairs_of(steps, changes), {{0, 144}}).front(), 1e-4);
}

TEST(StencilMatrix, HoldsOnlyAmongWhatIsKept) {
  StencilMatrix hessian{{1, 3}, Matrix::Constant(6, 3, -1.0)};
  hessian.entries.col(0).setConstant(4.0);
  Vector mask = Vector::Ones(6);
  mask[2] = 0.0;
  hessian.keep_only(mask);
  Matrix kept(6, 3);
  kept << 4, -1, -1, 4, 0, -1, 4, 0, 0, 4, -1, -1, 4, -1, -1, 4, -1, -1;  // beyond the end: as it was
  EXPECT_EQ(hessian.entries, kept);
}

// Of a step that moved a coordinate that does not count any more only the rest is known.
TEST(PairMemory, GrowsWithoutMovingWhatItHas) {
  PairMemory pairs(8, Vector::Zero(3));
  const double* first = nullptr;
  for (int k = 0; k < 9; ++k) {
    std::vector<SecantPair> fresh(1, {Vector::Constant(3, 1.0 + k), Vector::Ones(3), Vector::Zero(3)});
    const double* const numbers = fresh.front().step.data();
    pairs.append(std::move(fresh));
    if (k == 0) first = pairs.steps().row(0).data();
    EXPECT_EQ(pairs.steps().row(k).data(), numbers);
  }
  EXPECT_EQ(pairs.steps().row(0).data(), first);
  pairs.shrink({});
  EXPECT_EQ(pairs.size(), 8);
  EXPECT_EQ(pairs.steps().row(0), Vector::Constant(3, 2.0));
}

TEST(PairMemory, KnowsWhatOfItsStepsIsHeld) {
  PairMemory pairs(4, Vector::Zero(3));
  pairs.append({{Vector{{3.0, 4.0, 0.0}}, Vector::Ones(3), Vector::Zero(3)},
                {Vector{{0.0, 1.0, 0.0}}, Vector::Ones(3), Vector::Zero(3)}});
  EXPECT_EQ(pairs.held_shares().size(), 0);
  pairs.count_only(Vector{{0.0, 1.0, 1.0}});
  EXPECT_NEAR(pairs.held_shares()[0], 9.0 / 16.0, 1e-15);
  EXPECT_NEAR(pairs.held_shares()[1], 0.0, 1e-15);
}

// For a band C C' = H, and three directions agree: C'^-1 C' = I, x'g = x~'g~.
TEST(StencilScale, IsAFactorOfTheHessianAndItsInverse) {
  for (const Stencil& stencil : {Stencil{1}, Stencil{1, 12}}) {
    StencilMatrix hessian{stencil, Matrix::Constant(144, 1 + std::ssize(stencil), -1.0)};
    hessian.entries.col(0).setConstant(4.0);
    const StencilScale scale(hessian, 1e-3);
    const Matrix x = normal_steps(144, 2);
    const Vector g = test::laplacian(x.col(1), 12);
    EXPECT_LT((scale.down(scale.up(x.col(0))) - x.col(0)).norm(), 1e-12);
    EXPECT_NEAR(scale.up(x.col(0)).dot(scale.gradient(g)), x.col(0).dot(g), 1e-10);
    EXPECT_EQ(scale.gradients(columns_of(g)).col(0), scale.gradient(g));
    Vector read(144);
    copy_row(scale.up(columns_of(x)), 1, 144, read.data());
    EXPECT_EQ(read, scale.up(x.col(1)));
    if (stencil.size() == 1) {
      const Vector image = scale.up(Vector::Unit(144, 7));  // column 7 of C'
      EXPECT_NEAR(image.dot(scale.up(Vector::Unit(144, 8))), -1.0, 1e-12);
      EXPECT_NEAR(image.squaredNorm(), 4.0, 1e-12);
    }
  }
}

}  // namespace
}  // namespace optex
