#include "optex/objectives/softmax_regression.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/image_sets.hpp"

#include <cmath>
#include <filesystem>
#include <vector>

#include "support/formula_data.hpp"
#include "support/gradient_check.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::evaluate;
using test::formula_data;
using test::Total;

SampleKey key_of(std::int64_t iteration) {
  SampleKey key;
  key.seed = 21;
  key.iteration = iteration;
  key.point = 1;
  return key;
}

/// amplitude sin i
Vector sines(Index d, double amplitude) {
  Vector theta(d);
  for (Index i = 0; i < d; ++i) theta[i] = amplitude * std::sin(static_cast<double>(i));
  return theta;
}

SoftmaxRegression problem(Index samples, SoftmaxOptions options, Index features = 12, Index classes = 4) {
  return {formula_data(samples, features, classes), nullptr, options};
}

TEST(SoftmaxRegression, AgreesWithNumpy) {
  const SoftmaxRegression objective(formula_data(40, 12, 4), formula_data(10, 12, 4, 100), {.l2 = 0.1});
  ASSERT_EQ(objective.dimension(), 52);
  EXPECT_EQ(objective.initial_point(), Vector::Zero(52));
  const Vector theta = sines(52, 0.3);
  const Total at = evaluate(objective, theta);
  EXPECT_NEAR(at.value, 1.5344883874225856, 1e-14);
  EXPECT_NEAR(at.gradient[0], -0.015805392036021465, 1e-15);
  EXPECT_NEAR(at.gradient[1], 0.028455832147638783, 1e-15);
  EXPECT_NEAR(at.gradient[13], -2.9691392576596323e-05, 1e-15);
  EXPECT_NEAR(at.gradient[47], 0.053686125166503305, 1e-15);   // last weight
  EXPECT_NEAR(at.gradient[48], -0.036880324016027435, 1e-15);  // first bias
  EXPECT_NEAR(at.gradient[51], 0.08561658067896269, 1e-15);
  EXPECT_NEAR(norm(at.gradient), 0.25328592427433966, 1e-14);

  const std::vector<Measure> measures = objective.assess(theta);
  ASSERT_EQ(measures.size(), 3u);
  EXPECT_EQ(measures[0].name, "train_accuracy");
  EXPECT_DOUBLE_EQ(measures[0].value, 0.2);
  EXPECT_EQ(measures[1].name, "test_accuracy");
  EXPECT_DOUBLE_EQ(measures[1].value, 0.2);
  EXPECT_EQ(measures[2].name, "test_loss");
  EXPECT_NEAR(measures[2].value, 1.4332851825121078, 1e-14);
}

TEST(SoftmaxRegression, GradientIsTheDerivative) {
  for (const Index shards : {1, 7})
    for (const Index batch : {0, 15}) {
      const SoftmaxRegression objective = problem(40, {.shards = shards, .batch = batch, .l2 = 0.2}, 5, 3);
      EXPECT_LT(test::gradient_error(objective, sines(18, 0.5), key_of(2)), 1e-6) << shards << ' ' << batch;
    }
}

TEST(SoftmaxRegression, SmallestProblem) {
  const SoftmaxRegression objective = problem(2, {}, 1, 2);
  EXPECT_LT(test::gradient_error(objective, sines(4, 0.5)), 1e-6);
}

// Uneven shards, the penalty, mini-batches that miss shards: the sum over shards is F.
TEST(SoftmaxRegression, ShardsAddUpToTheWhole) {
  const Vector theta = sines(52, 0.5);
  for (const Index samples : {64, 1001})
    for (const Index batch : {0, 20}) {
      const Total whole =
          evaluate(problem(samples, {.shards = 1, .batch = batch, .l2 = 0.3}), theta, key_of(0));
      for (const Index shards : {2, 7, 64}) {
        const Total parts =
            evaluate(problem(samples, {.shards = shards, .batch = batch, .l2 = 0.3}), theta, key_of(0));
        EXPECT_NEAR(parts.value, whole.value, 1e-12 * whole.value);
        EXPECT_LT((parts.gradient - whole.gradient).norm(), 1e-12 * whole.gradient.norm());
      }
    }
}

TEST(SoftmaxRegression, ShardsDoNotDependOnTheOrderOfEvaluation) {
  const SoftmaxRegression objective = problem(1001, {.shards = 7, .batch = 100, .l2 = 0.3});
  const Vector theta = sines(52, 0.5), other = sines(52, 0.1);
  std::vector<double> values(7);
  std::vector<Vector> gradients(7, Vector(52));
  for (std::size_t j = 0; j < 7; ++j)
    values[j] = objective.value_and_gradient(theta, key_of(4), static_cast<Index>(j), gradients[j]);
  Vector gradient(53);  // off by one entry: another alignment
  for (const std::size_t j : {5u, 0u, 6u, 3u, 1u, 4u, 2u}) {
    objective.value_and_gradient(other, key_of(5), 2, gradient.tail(52));
    EXPECT_EQ(objective.value_and_gradient(theta, key_of(4), static_cast<Index>(j), gradient.tail(52)),
              values[j]);
    EXPECT_EQ(gradient.tail(52), gradients[j]);
  }
}

// The mean of K independent mini-batch gradients is within five standard errors of the full gradient.
TEST(SoftmaxRegression, MiniBatchesAreUnbiased) {
  const SoftmaxRegression objective = problem(205, {.shards = 7, .batch = 16, .l2 = 0.3});
  const Vector theta = sines(52, 0.5);
  const Total truth = evaluate(objective, theta, SampleKey::exact());
  constexpr int keys = 2000;
  Vector mean = Vector::Zero(52);
  double mean_value = 0, spread = 0, value_spread = 0;
  for (int t = 0; t < keys; ++t) {
    const Total draw = evaluate(objective, theta, key_of(t));
    mean += draw.gradient / keys;
    mean_value += draw.value / keys;
    spread += squared_distance(draw.gradient, truth.gradient) / keys;
    value_spread += std::pow(draw.value - truth.value, 2) / keys;
  }
  EXPECT_GT(spread, 0);
  EXPECT_LT(squared_distance(mean, truth.gradient), 25 * spread / keys);
  EXPECT_LT(std::pow(mean_value - truth.value, 2), 25 * value_spread / keys);
  EXPECT_TRUE(objective.is_noisy());
}

TEST(SoftmaxRegression, WholeKeyMeansAllData) {
  const Vector theta = sines(52, 0.5);
  const SoftmaxRegression mini = problem(205, {.batch = 16}), full = problem(205, {});
  EXPECT_EQ(evaluate(mini, theta, SampleKey::exact()).gradient, evaluate(full, theta, key_of(3)).gradient);
  EXPECT_FALSE(full.is_noisy());
  EXPECT_FALSE(problem(205, {.batch = 205}).is_noisy());
}

TEST(SoftmaxRegression, HugeLogitsNeitherOverflowNorLoseTheLoss) {
  const SoftmaxRegression objective = problem(40, {});
  const Total at = evaluate(objective, sines(52, 1e6));
  EXPECT_TRUE(std::isfinite(at.value));
  EXPECT_GT(at.value, 1e4);
  EXPECT_TRUE(all_finite(at.gradient));
}

TEST(SoftmaxRegression, BiasIsNotPenalised) {
  Vector theta = Vector::Zero(52);
  theta.tail(4).setConstant(3.0);  // the same for all classes: no effect on the loss
  const Total at = evaluate(problem(40, {.l2 = 1.0}), theta);
  EXPECT_NEAR(at.value, std::log(4.0), 1e-14);
  EXPECT_NEAR(at.gradient.tail(4).cwiseAbs().maxCoeff(), 0, 1e-15);
}

TEST(SoftmaxRegression, RefusesWhatDoesNotFit) {
  EXPECT_THROW(problem(10, {.shards = 0}), UsageError);
  EXPECT_THROW(problem(10, {.shards = 11}), UsageError);
  EXPECT_THROW(problem(10, {.batch = 11}), UsageError);
  EXPECT_THROW(problem(10, {.l2 = -1}), UsageError);
  EXPECT_THROW(problem(10, {.l2 = std::nan("")}), UsageError);
  EXPECT_THROW(SoftmaxRegression(formula_data(10, 12, 4), formula_data(10, 11, 4)), UsageError);
  EXPECT_THROW(SoftmaxRegression(formula_data(10, 12, 4), formula_data(10, 12, 5)), UsageError);
  const SoftmaxRegression objective = problem(10, {.shards = 2});
  Vector theta = Vector::Zero(52), gradient(52), wrong(51);
  EXPECT_THROW(objective.value_and_gradient(theta, {}, 2, gradient), EvaluationError);
  EXPECT_THROW(objective.value_and_gradient(theta, {}, 0, wrong), EvaluationError);
}

// The real data, against numpy at 0.05 sin i.
TEST(SoftmaxRegression, FashionMnist) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const ImageSets sets = load_images("fashion-mnist", {.limit = 2000});
  const SoftmaxRegression objective(sets.train, sets.test, {.shards = 7, .l2 = 1e-3});
  ASSERT_EQ(objective.dimension(), 7850);
  const Vector theta = sines(7850, 0.05);
  const Total at = evaluate(objective, theta);
  EXPECT_NEAR(at.value, 2.3112995038391326, 1e-12);
  EXPECT_NEAR(norm(at.gradient), 1.6340964981743789, 1e-12);
  const std::vector<Measure> measures = objective.assess(theta);
  EXPECT_DOUBLE_EQ(measures[0].value, 0.108);
  EXPECT_DOUBLE_EQ(measures[1].value, 0.1045);
  EXPECT_NEAR(measures[2].value, 2.305405719116609, 1e-12);
}

}  // namespace
}  // namespace optex
