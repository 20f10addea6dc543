#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/optex.hpp"
#include "optex/objectives/quadratic.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/sgd.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/golden.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

struct Case {
  std::string name;  // as in golden.json
  std::shared_ptr<const Objective> objective;
  std::shared_ptr<const Optimizer> optimizer;
  PriorMean prior_mean;
  HyperparameterRules rules;
  Optex::Options options;
};

std::shared_ptr<const Optimizer> adam(double rate) {
  return std::make_shared<Adam>(Adam::Options{.learning_rate = rate});
}
std::shared_ptr<const Optimizer> sgd(double rate, double momentum = 0.0) {
  return std::make_shared<Sgd>(Sgd::Options{.learning_rate = rate, .momentum = momentum});
}
HyperparameterRules fixed(double lengthscale, double nugget) {
  return {LengthscaleRule::fixed, lengthscale, nugget};
}

std::vector<Case> cases() {
  return {
      {"rosenbrock d=10 adam .02 paper N=4 T0=12",
       std::make_shared<Rosenbrock>(10),
       adam(0.02),
       PriorMean::zero,
       {LengthscaleRule::paper, 0.0, 1e-3},
       {.parallelism = 4, .history = 12, .update = UpdateRule::last}},
      {"sphere d=10 sgd .5 fixed l=1 nu=1e-6 last N=3 T0=9",
       std::make_shared<Sphere>(10),
       sgd(0.5),
       PriorMean::zero,
       fixed(1.0, 1e-6),
       {.parallelism = 3, .history = 9, .update = UpdateRule::last}},
      {"ackley d=16 adam .01 fixed l=1 nu=1e-4 constant min_value N=4 T0=8",
       std::make_shared<Ackley>(16),
       adam(0.01),
       PriorMean::constant,
       fixed(1.0, 1e-4),
       {.parallelism = 4, .history = 8, .update = UpdateRule::min_value}},
      {"rosenbrock d=10 momentum .002 .9 sequence N=4 T0=8 fixed l=1 nu=1e-4",
       std::make_shared<Rosenbrock>(10),
       sgd(0.002, 0.9),
       PriorMean::constant,
       fixed(1.0, 1e-4),
       {.parallelism = 4, .history = 8, .update = UpdateRule::sequence}},
      {"sphere d=12 adam .05 replay fixed l=2 nu=1e-6 N=5 T0=15",
       std::make_shared<Sphere>(12),
       adam(0.05),
       PriorMean::constant,
       fixed(2.0, 1e-6),
       {.parallelism = 5, .history = 15, .update = UpdateRule::replay, .reach = 1}},
      {"rosenbrock d=10 adam .02 replay reach 64 fixed l=1 nu=1e-6 N=4 T0=24",
       std::make_shared<Rosenbrock>(10),
       adam(0.02),
       PriorMean::constant,
       fixed(1.0, 1e-6),
       {.parallelism = 4, .history = 24, .update = UpdateRule::replay, .reach = 64}},
  };
}

Vector golden_trajectory(const std::string& name) {
  const nlohmann::json golden = test::golden();
  for (const auto& trajectory : golden["trajectory"])
    if (trajectory["case"] == name) return test::to_vector(trajectory["value_after_each_round"]);
  throw std::runtime_error("golden.json has no trajectory called " + name);
}

class GoldenTrajectory : public testing::TestWithParam<std::size_t> {};

TEST_P(GoldenTrajectory, ValueAfterEachRound) {
  const Case test_case = cases()[GetParam()];
  const Vector expected = golden_trajectory(test_case.name);
  SerialEvaluator evaluator(*test_case.objective);
  const auto estimator =
      std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), test_case.prior_mean, test_case.rules);
  Optex method(evaluator, test_case.optimizer, estimator, test_case.options);
  RunState run = method.initial_state(test_case.objective->initial_point());
  Vector gradient(test_case.objective->dimension());
  for (Index t = 0; t < expected.size(); ++t) {
    method.iterate(run);
    const double value = test_case.objective->value_and_gradient(run.theta, SampleKey::exact(), 0, gradient);
    EXPECT_NEAR(value, expected[t], 1e-9) << "round " << t + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTrajectory, testing::Range<std::size_t>(0, cases().size()));

}  // namespace
}  // namespace optex
