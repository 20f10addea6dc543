#include "optex/objectives/mlp.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/image_sets.hpp"
#include "optex/objectives/softmax_regression.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "support/formula_data.hpp"
#include "support/gradient_check.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::evaluate;
using test::formula_data;
using test::Total;

SampleKey draw(std::int64_t iteration) {
  SampleKey key;
  key.seed = 21;
  key.iteration = iteration;
  key.point = 1;
  return key;
}

/// amplitude sin i
Vector wave(Index d, double amplitude) {
  Vector theta(d);
  for (Index i = 0; i < d; ++i) theta[i] = amplitude * std::sin(static_cast<double>(i));
  return theta;
}

Mlp network(Index samples, const MlpOptions& options, Index features = 12, Index classes = 4) {
  return {formula_data(samples, features, classes), nullptr, options};
}

constexpr Activation activations[] = {Activation::relu, Activation::tanh};
constexpr ClassLoss losses[] = {ClassLoss::cross_entropy, ClassLoss::squared_error};

// Recorded from numpy, one sample after the other, on 12-6-5-4.
TEST(Mlp, AgreesWithNumpy) {
  struct Expected {
    Activation activation;
    ClassLoss loss;
    double value, first_weight, first_bias, second_layer, last_bias, norm, test_loss;
  };
  const Expected table[] = {
      {Activation::relu, ClassLoss::cross_entropy, 1.6812285470660258, 0.005255571115435506,
       0.012513426639645196, 0.011145236586844371, -0.05422693297123548, 0.2793813559673417,
       1.3750541380127925},
      {Activation::relu, ClassLoss::squared_error, 0.8318469001518296, 0.026117095627031364,
       0.06124201276830814, 0.010799226984709892, -0.4366324390458243, 0.8080112440109762,
       0.5242526970775383},
      {Activation::tanh, ClassLoss::cross_entropy, 1.692676739108324, 0.006352000380237854,
       0.01237122874361921, 0.011789755797582058, -0.04350238716266621, 0.32136649029096537,
       1.393505351099764},
      {Activation::tanh, ClassLoss::squared_error, 0.9079415591684248, 0.018601955238538723,
       0.03785154449915866, 0.009160201591227117, -0.4055970035589625, 1.043504946131649, 0.608734117880181},
  };
  for (const Expected& expected : table) {
    const Mlp objective(
        formula_data(40, 12, 4), formula_data(10, 12, 4, 100),
        {.hidden = {6, 5}, .activation = expected.activation, .loss = expected.loss, .l2 = 0.1});
    ASSERT_EQ(objective.dimension(), 137);
    const Vector theta = wave(137, 0.3);
    const Total at = evaluate(objective, theta);
    EXPECT_NEAR(at.value, expected.value, 1e-14);
    EXPECT_NEAR(at.gradient[0], expected.first_weight, 1e-15);
    EXPECT_NEAR(at.gradient[72], expected.first_bias, 1e-15);
    EXPECT_NEAR(at.gradient[78], expected.second_layer, 1e-15);
    EXPECT_NEAR(at.gradient[136], expected.last_bias, 1e-14);
    EXPECT_NEAR(norm(at.gradient), expected.norm, 1e-14);
    const std::vector<Measure> measures = objective.assess(theta);
    ASSERT_EQ(measures.size(), 3u);
    EXPECT_EQ(measures[0].name, "train_accuracy");
    EXPECT_DOUBLE_EQ(measures[0].value, 0.25);
    EXPECT_EQ(measures[1].name, "test_accuracy");
    EXPECT_DOUBLE_EQ(measures[1].value, 0.3);
    EXPECT_EQ(measures[2].name, "test_loss");
    EXPECT_NEAR(measures[2].value, expected.test_loss, 1e-14);
  }
}

// By hand: one feature x = 7/255 of sample 1, one unit, two classes; sample 0 has x = 0.
TEST(Mlp, SmallestNetworkByHand) {
  const Mlp objective = network(2, {.hidden = {1}, .loss = ClassLoss::squared_error}, 1, 2);
  ASSERT_EQ(objective.dimension(), 6);
  Vector theta(6);
  theta << 2.0, 0.5, 3.0, -1.0, 0.25, -0.75;  // w, b; weights of both outputs; their biases
  const double x = 7.0 / 255, a0 = 0.5, a1 = 2 * x + 0.5;
  const double e00 = 3 * a0 + 0.25 - 1, e01 = -a0 - 0.75;  // sample 0: label 0
  const double e10 = 3 * a1 + 0.25, e11 = -a1 - 0.75 - 1;  // sample 1: label 1
  const Total at = evaluate(objective, theta);
  EXPECT_NEAR(at.value, 0.25 * (e00 * e00 + e01 * e01 + e10 * e10 + e11 * e11), 1e-14);
  EXPECT_NEAR(at.gradient[0], 0.5 * x * (3 * e10 - e11), 1e-14);
  EXPECT_NEAR(at.gradient[1], 0.5 * (3 * e00 - e01 + 3 * e10 - e11), 1e-14);
  EXPECT_NEAR(at.gradient[2], 0.5 * (a0 * e00 + a1 * e10), 1e-14);
  EXPECT_NEAR(at.gradient[3], 0.5 * (a0 * e01 + a1 * e11), 1e-14);
  EXPECT_NEAR(at.gradient[4], 0.5 * (e00 + e10), 1e-14);
  EXPECT_NEAR(at.gradient[5], 0.5 * (e01 + e11), 1e-14);
}

TEST(Mlp, GradientIsTheDerivative) {
  for (const Activation activation : activations)
    for (const ClassLoss loss : losses)
      for (const Index shards : {1, 7})
        for (const Index batch : {0, 15}) {
          const Mlp objective = network(40,
                                        {.hidden = {4, 3},
                                         .activation = activation,
                                         .loss = loss,
                                         .shards = shards,
                                         .batch = batch,
                                         .l2 = 0.2},
                                        5, 3);
          EXPECT_LT(test::gradient_error(objective, wave(objective.dimension(), 0.5), draw(2)), 1e-6)
              << shards << ' ' << batch;
        }
}

TEST(Mlp, WithoutHiddenLayersItIsSoftmaxRegression) {
  const Mlp linear = network(300, {.hidden = {}, .shards = 3, .l2 = 0.3});
  const SoftmaxRegression softmax(formula_data(300, 12, 4), nullptr, {.shards = 3, .l2 = 0.3});
  ASSERT_EQ(linear.dimension(), softmax.dimension());
  const Vector theta = wave(52, 0.5);
  EXPECT_EQ(evaluate(linear, theta).value, evaluate(softmax, theta).value);
  EXPECT_EQ(evaluate(linear, theta).gradient, evaluate(softmax, theta).gradient);
}

// Uneven shards, the penalty, several blocks, mini-batches that miss shards: the sum over shards is F.
TEST(Mlp, ShardsAddUpToTheWhole) {
  for (const Index samples : {64, 1001})
    for (const Index batch : {0, 20}) {
      const auto total = [&](Index shards) {
        const Mlp objective =
            network(samples, {.hidden = {6, 5}, .shards = shards, .batch = batch, .l2 = 0.3});
        return evaluate(objective, wave(objective.dimension(), 0.5), draw(0));
      };
      const Total whole = total(1);
      for (const Index shards : {2, 7, 64}) {
        const Total parts = total(shards);
        EXPECT_NEAR(parts.value, whole.value, 1e-12 * whole.value);
        EXPECT_LT((parts.gradient - whole.gradient).norm(), 1e-12 * whole.gradient.norm());
      }
    }
}

TEST(Mlp, BitsDependNeitherOnOrderNorOnAlignment) {
  const Mlp objective = network(1001, {.hidden = {6, 1, 5}, .shards = 7, .batch = 100, .l2 = 0.3});
  const Index d = objective.dimension();
  const Vector theta = wave(d, 0.5), other = wave(d, 0.1);
  std::vector<double> values(7);
  std::vector<Vector> gradients(7, Vector(d));
  for (std::size_t j = 0; j < 7; ++j)
    values[j] = objective.value_and_gradient(theta, draw(4), static_cast<Index>(j), gradients[j]);
  Vector shifted_theta(d + 1), gradient(d + 1);  // off by one entry: another alignment
  shifted_theta << 0.0, theta;
  for (const std::size_t j : {5u, 0u, 6u, 3u, 1u, 4u, 2u}) {
    objective.value_and_gradient(other, draw(5), 2, gradient.tail(d));
    gradient.setConstant(std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(
        objective.value_and_gradient(shifted_theta.tail(d), draw(4), static_cast<Index>(j), gradient.tail(d)),
        values[j]);
    EXPECT_EQ(gradient.tail(d), gradients[j]);
  }
}

TEST(Mlp, BatchesAreNoisyAndTheWholeKeyIsExact) {
  const Mlp mini = network(205, {.hidden = {6}, .batch = 16}), full = network(205, {.hidden = {6}});
  const Vector theta = wave(mini.dimension(), 0.5);
  EXPECT_TRUE(mini.is_noisy());
  EXPECT_FALSE(full.is_noisy());
  EXPECT_NE(evaluate(mini, theta, draw(1)).value, evaluate(mini, theta, draw(2)).value);
  EXPECT_EQ(evaluate(mini, theta, SampleKey::exact()).gradient, evaluate(full, theta, draw(3)).gradient);
}

TEST(Mlp, StartHasTheVarianceOfTheRuleAndNoBiases) {
  for (const Activation activation : activations) {
    const Mlp objective = network(8, {.hidden = {400, 300}, .activation = activation, .seed = 3}, 200, 4);
    const Vector start = objective.initial_point();
    EXPECT_EQ(start, objective.initial_point());
    Index first = 0, inputs = 200;
    for (const Index outputs : {400, 300}) {
      const auto weights = start.segment(first, inputs * outputs);
      const double expected =
          2.0 / static_cast<double>(activation == Activation::relu ? inputs : inputs + outputs);
      // The relative standard error of a variance of n draws is sqrt(2/n) < 0.5 %.
      EXPECT_NEAR(weights.squaredNorm() / static_cast<double>(weights.size()), expected, 0.03 * expected);
      EXPECT_NEAR(weights.mean(), 0.0, 5 * std::sqrt(expected / static_cast<double>(weights.size())));
      EXPECT_EQ(start.segment(first + inputs * outputs, outputs), Vector::Zero(outputs));
      first += (inputs + 1) * outputs;
      inputs = outputs;
    }
    const Mlp other = network(8, {.hidden = {400, 300}, .activation = activation, .seed = 4}, 200, 4);
    EXPECT_NE(start, other.initial_point());
  }
}

TEST(Mlp, BiasesAreNotPenalised) {
  const Mlp objective = network(40, {.hidden = {6, 5}, .l2 = 1.0});
  Vector theta = Vector::Zero(137);
  theta.segment(72, 6).setConstant(2.0);
  theta.tail(4).setConstant(3.0);  // the same for all classes: no effect on the loss
  EXPECT_NEAR(evaluate(objective, theta).value, std::log(4.0), 1e-14);
}

TEST(Mlp, HugeWeightsNeitherOverflowNorLoseTheLoss) {
  const Total at = evaluate(network(40, {.hidden = {6}}), wave(106, 1e6));
  EXPECT_TRUE(std::isfinite(at.value));
  EXPECT_TRUE(all_finite(at.gradient));
  Vector broken = wave(106, 0.5);
  broken[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(evaluate(network(40, {.hidden = {6}}), broken).value));
}

TEST(Mlp, RefusesWhatDoesNotFit) {
  EXPECT_THROW(network(10, {.shards = 11}), UsageError);
  EXPECT_THROW(network(10, {.batch = 11}), UsageError);
  EXPECT_THROW(network(10, {.l2 = -1}), UsageError);
  EXPECT_THROW(network(10, {.hidden = {5, 0}}), UsageError);
  EXPECT_THROW(network(10, {.hidden = {1000000000, 1000000000}}), UsageError);
  EXPECT_THROW(Mlp(formula_data(10, 12, 4), formula_data(10, 11, 4), {}), UsageError);
  EXPECT_THROW(Mlp(formula_data(10, 12, 4), formula_data(10, 12, 5), {}), UsageError);
  const Mlp objective = network(10, {.hidden = {5}, .shards = 2});
  Vector theta = Vector::Zero(89), gradient(89), wrong(88);
  EXPECT_THROW(objective.value_and_gradient(theta, {}, 2, gradient), EvaluationError);
  EXPECT_THROW(objective.value_and_gradient(theta, {}, 0, wrong), EvaluationError);
}

// The real data, against numpy at 0.05 sin i.
TEST(Mlp, FashionMnist) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const ImageSets sets = load_images("fashion-mnist", {.limit = 2000});
  const Mlp objective(sets.train, sets.test, {.shards = 7, .l2 = 1e-3});
  ASSERT_EQ(objective.dimension(), 109386);
  const Vector theta = wave(109386, 0.05);
  const Total at = evaluate(objective, theta);
  EXPECT_NEAR(at.value, 2.373611252816463, 1e-12);
  EXPECT_NEAR(norm(at.gradient), 0.0403207656975206, 1e-13);
  const std::vector<Measure> measures = objective.assess(theta);
  EXPECT_DOUBLE_EQ(measures[0].value, 0.093);
  EXPECT_DOUBLE_EQ(measures[1].value, 0.1);
  EXPECT_NEAR(measures[2].value, 2.3039475929677153, 1e-12);
}

}  // namespace
}  // namespace optex
