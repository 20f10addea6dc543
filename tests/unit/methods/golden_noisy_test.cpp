#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/data_parallel.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/optimizers/adam.hpp"

#include <cmath>
#include <functional>
#include <memory>

#include "support/golden.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

/// gradient_s(round k, y)_i = (0.2 + i/d) y_i + 0.3 sin(1.3 k + 2.1 s + 0.7 i): noise that needs no random
/// numbers.
class Waves final : public Objective {
 public:
  Index dimension() const override { return 12; }
  Vector initial_point() const override {
    Vector start(12);
    for (Index i = 0; i < 12; ++i) start[i] = 1.5 + std::sin(static_cast<double>(i));
    return start;
  }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index,
                            VectorRef gradient) const override {
    for (Index i = 0; i < 12; ++i) {
      const double x = static_cast<double>(i);
      gradient[i] = (0.2 + x / 12.0) * theta[i] +
                    0.3 * std::sin(1.3 * static_cast<double>(key.iteration) + 2.1 * key.point + 0.7 * x);
    }
    return 0.0;
  }
};

void expect_golden(const std::string& name, const std::function<std::unique_ptr<Method>(Evaluator&)>& make,
                   const std::function<Vector(const RunState&)>& answer) {
  const Waves objective;
  SerialEvaluator evaluator(objective);
  const auto method = make(evaluator);
  RunState run = method->initial_state(objective.initial_point());
  for (int t = 0; t < 12; ++t) method->iterate(run);
  const Vector expected = test::to_vector(test::golden("golden_noisy.json")[name]);
  EXPECT_LT((answer(run) - expected).cwiseAbs().maxCoeff(), 1e-9) << name;
}

Vector theta_of(const RunState& run) { return run.theta; }

TEST(GoldenNoisy, Whitened) {
  expect_golden(
      "whitened",
      [](Evaluator& evaluator) {
        return std::make_unique<Whitened>(
            evaluator, Whitened::Options{.parallelism = 4, .learning_rate = 0.05, .ring = 16});
      },
      theta_of);
}

TEST(GoldenNoisy, ScheduleFree) {
  expect_golden(
      "schedule_free",
      [](Evaluator& evaluator) {
        return std::make_unique<Whitened>(
            evaluator, Whitened::Options{.parallelism = 4, .learning_rate = 0.05, .ring = 0});
      },
      theta_of);
}

TEST(GoldenNoisy, DataParallel) {
  expect_golden(
      "data_parallel",
      [](Evaluator& evaluator) {
        return std::make_unique<DataParallel>(evaluator,
                                              std::make_shared<Adam>(Adam::Options{.learning_rate = 0.05}),
                                              DataParallel::Options{.parallelism = 4});
      },
      theta_of);
}

TEST(GoldenNoisy, DataParallelWithAveragedTail) {
  expect_golden(
      "data_parallel_tail_066",
      [](Evaluator& evaluator) {
        return std::make_unique<DataParallel>(
            evaluator, std::make_shared<Adam>(Adam::Options{.learning_rate = 0.05, .beta1 = 0.66}),
            DataParallel::Options{.parallelism = 4, .average_tail = true});
      },
      [](const RunState& run) { return run.noisy.average; });
}

}  // namespace
}  // namespace optex
