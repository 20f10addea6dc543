// Scouts of two_track in balanced length units.
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/two_track.hpp"
#include "optex/objectives/objective.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <memory>

#include <gtest/gtest.h>

namespace optex {
namespace {

/// 1/2 sum_c h_c x_c^2 / d with h from 1 to 1000.
class Stretched final : public Objective {
 public:
  Index dimension() const override { return 300; }
  Vector initial_point() const override {
    Vector start(dimension());
    for (Index c = 0; c < start.size(); ++c) start[c] = 1.0 + 0.5 * std::sin(static_cast<double>(c));
    return start;
  }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    double value = 0.0;
    const auto d = static_cast<double>(dimension());
    for (Index c = 0; c < dimension(); ++c) {
      const double h = std::pow(1000.0, static_cast<double>(c) / d);
      gradient[c] = h * theta[c] / d;
      value += 0.5 * h * theta[c] * theta[c] / d;
    }
    return value;
  }
};

int rounds_to(double target, bool balance) {
  const Stretched objective;
  SerialEvaluator evaluator(objective);
  TwoTrack method(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.3}),
                  {.parallelism = 8, .balance = balance});
  RunState run = method.initial_state(objective.initial_point());
  int rounds = 0;
  while (run.best_value > target && rounds < 100) {
    method.iterate(run);
    ++rounds;
  }
  return rounds;
}

TEST(BalancedScouts, NeedFewerRoundsWhereCoordinatesHaveScalesOfTheirOwn) {
  const int balanced = rounds_to(0.01, true);
  EXPECT_LT(2 * balanced, rounds_to(0.01, false));
}

TEST(BalancedScouts, TryBothUnitsFirstAndThenTheOnesThatGainedMore) {
  const Stretched objective;
  SerialEvaluator evaluator(objective);
  TwoTrack method(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.3}), {.parallelism = 8});
  RunState run = method.initial_state(objective.initial_point());
  bool tried[2] = {false, false};
  for (int t = 0; t < 12; ++t) {
    const bool scouted = run.scouts.cols() > 0;
    const Index used = run.scout_units;
    const double before = run.best_value;
    method.iterate(run);
    if (!scouted) continue;
    tried[used] = true;
    EXPECT_GE(run.scout_gains[used], 0.0);
    EXPECT_LE(run.scout_gains[used], before - run.best_value);
    if (run.scouts.cols() == 0 || !tried[0] || !tried[1]) continue;
    if (run.scout_gains[0] == run.scout_gains[1]) continue;
    EXPECT_EQ(run.scout_units, run.scout_gains[1] > run.scout_gains[0] ? 1 : 0) << "round " << t;
  }
  EXPECT_TRUE(tried[0]);
  EXPECT_TRUE(tried[1]);
  EXPECT_EQ(run.scout_theta_distances.rows(), run.history.size());
  EXPECT_EQ(run.scout_scale.size(), run.theta.size());
}

}  // namespace
}  // namespace optex
