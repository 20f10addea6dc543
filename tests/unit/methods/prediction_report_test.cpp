// What a round reports about its predictions.
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/optex.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <cmath>
#include <memory>

#include <gtest/gtest.h>

namespace optex {
namespace {

std::shared_ptr<const Optimizer> small_steps() {
  return std::make_shared<Adam>(Adam::Options{.learning_rate = 0.01});
}

void expect_consistent(const IterationReport& report) {
  ASSERT_FALSE(report.depths.empty());
  EXPECT_EQ(report.depths.front(), 0);
  EXPECT_EQ(report.depths.back(), report.reach);
  EXPECT_EQ(report.prediction_error.size(), report.prediction_cosine.size());
  EXPECT_EQ(report.prediction_error.size(), report.prediction_variance.size());
  for (std::size_t i = 0; i < report.prediction_error.size(); ++i) {
    const double cosine = report.prediction_cosine[i];
    EXPECT_LE(std::abs(cosine), 1.0 + 1e-12);
    // No vector at that angle is closer to the truth than its projection: |g| sin(angle).
    EXPECT_GE(report.prediction_error[i] + 1e-6, std::sqrt(std::max(0.0, 1.0 - cosine * cosine)));
  }
}

TEST(PredictionReport, HasADepthAnErrorAndACosineForEachEvaluatedPointOfTheChain) {
  const Ackley objective(30);
  SerialEvaluator evaluator(objective);
  const auto estimator = std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                                           HyperparameterRules{});
  Optex method(evaluator, small_steps(), estimator, {.parallelism = 4});
  RunState run = method.initial_state(objective.initial_point());
  bool predicted = false;
  // Five rounds: later ones are near the minimum, a kink where no prediction is right.
  for (int t = 0; t < 5; ++t) {
    const IterationReport report = method.iterate(run);
    expect_consistent(report);
    if (report.prediction_cosine.empty()) continue;
    predicted = true;
    EXPECT_EQ(report.depths.size(), 4U);
    // The newest entry of the history is not the iterate, yet one small step away it is nearly right.
    EXPECT_GT(report.prediction_cosine.front(), 0.5);
  }
  EXPECT_TRUE(predicted);
}

}  // namespace
}  // namespace optex
