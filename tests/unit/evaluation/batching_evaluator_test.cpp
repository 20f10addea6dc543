#include "optex/evaluation/batching_evaluator.hpp"

#include "optex/evaluation/repeating_evaluator.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/test_functions.hpp"

#include <stdexcept>

#include <gmock/gmock.h>

namespace optex {
namespace {

using testing::HasSubstr;
using testing::Optional;
using testing::SizeIs;

Noisy noisy_sphere(double sigma = 0.1) {
  return Noisy(std::make_unique<Sphere>(4), {.kind = NoiseKind::gaussian, .sigma = sigma});
}

TEST(BatchingEvaluator, APointIsTheMeanOfItsBatches) {
  const Noisy objective = noisy_sphere();
  SerialEvaluator serial(objective);
  BatchingEvaluator batching(serial, 3);
  const Vector theta = Vector::LinSpaced(4, 0.0, 1.0);
  batching.begin({2});
  for (std::int32_t point = 0; point < 2; ++point)
    batching.submit(point_at({.seed = 5, .point = point}, theta));
  const std::vector<Evaluation> means = batching.close().evaluations;
  ASSERT_THAT(means, SizeIs(2));
  for (std::int32_t point = 0; point < 2; ++point) {
    Vector sum = Vector::Zero(4);
    for (std::int32_t batch = 0; batch < 3; ++batch) {
      serial.begin({1});
      serial.submit(point_at({.seed = 5, .point = point, .batch = batch}, theta));
      sum += serial.close().evaluations.front().gradient;
    }
    const Evaluation& mean = means[static_cast<std::size_t>(point)];
    EXPECT_LT((mean.gradient - sum / 3.0).norm(), 1e-15);
    EXPECT_EQ(mean.gradients, 3);
    EXPECT_EQ(batching.dimension(), 4);
  }
  EXPECT_NE(means[0].gradient, means[1].gradient);
}

/// Throws for one batch of one point.
class BrokenBatch : public Objective {
 public:
  Index dimension() const override { return 1; }
  double value_and_gradient(ConstVectorRef, const SampleKey& key, Index, VectorRef gradient) const override {
    if (key.point == 1 && key.batch == 1) throw std::runtime_error("broken on purpose");
    gradient.setOnes();
    return 1.0;
  }
};

TEST(BatchingEvaluator, APointFailsWithAnyOfItsBatchesAndNoOtherPointDoes) {
  const BrokenBatch objective;
  SerialEvaluator serial(objective);
  BatchingEvaluator batching(serial, 3);
  batching.begin({3});
  for (std::int32_t point = 0; point < 3; ++point)
    batching.submit(point_at({.point = point}, Vector::Zero(1)));
  const std::vector<Evaluation> means = batching.close().evaluations;
  ASSERT_THAT(means, SizeIs(3));
  EXPECT_FALSE(means[0].failed());
  EXPECT_THAT(means[1].failure, HasSubstr("broken on purpose"));
  EXPECT_EQ(means[1].gradient.size(), 0);
  EXPECT_EQ(means[1].gradients, 3);
  EXPECT_FALSE(means[2].failed());
}

TEST(RepeatingEvaluator, TellsNoiseFromExactGradients) {
  for (const double sigma : {0.0, 1e-15, 1e-3}) {
    const Noisy objective = noisy_sphere(sigma);
    SerialEvaluator serial(objective);
    RepeatingEvaluator repeating(serial);
    EXPECT_FALSE(repeating.gradients_differ().has_value());
    repeating.repeat_next_round();
    for (int round = 0; round < 2; ++round) {
      repeating.begin({2});
      for (std::int32_t point = 0; point < 2; ++point)
        repeating.submit(point_at({.seed = 5, .iteration = round, .point = point}, Vector::Ones(4)));
      EXPECT_THAT(repeating.close().evaluations, SizeIs(2));
      EXPECT_THAT(repeating.gradients_differ(), Optional(sigma == 1e-3)) << sigma;
    }
  }
}

}  // namespace
}  // namespace optex
