#include "optex/methods/sequential.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace optex {

Sequential::Sequential(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer, Index steps,
                       std::uint64_t seed, Bounds bounds, bool average_tail)
    : evaluator_(evaluator),
      optimizer_(std::move(optimizer)),
      steps_(steps),
      seed_(seed),
      bounds_(std::move(bounds)),
      average_tail_(average_tail) {}

RunState Sequential::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  bounds_.project(run.theta);
  run.optimizer = optimizer_->initial_state(theta.size());
  if (average_tail_) run.noisy.average = run.theta;
  return run;
}

IterationReport Sequential::iterate(RunState& run) {
  if (steps_ == 1) return take_steps(run);
  RunState after = run;  // a later step may fail
  IterationReport report = take_steps(after);
  run = std::move(after);
  return report;
}

IterationReport Sequential::take_steps(RunState& run) {
  IterationReport report;
  report.update = steps_ == 1 ? "vanilla" : "target";
  for (Index s = 0; s < steps_; ++s) {
    const Vector gradient = evaluate(run, s, report);  // g = grad F(theta)
    const Stopwatch watch;
    optimizer_->step(run.theta, gradient, run.optimizer);  // theta <- FO-OPT(theta, g)
    if (average_tail_) {
      const auto t = static_cast<double>(run.iteration * steps_ + s + 1);
      run.noisy.average += std::min(1.0, 9.0 / (t + 8.0)) * (run.theta - run.noisy.average);
    }
    report.seconds_in.update += watch.seconds();
  }
  report.accepted = steps_;
  report.reach = steps_ - 1;
  report.iteration = ++run.iteration;
  return report;
}

/// The true gradient where the run stands, booked; the report is about the iterate that the round began at.
Vector Sequential::evaluate(RunState& run, Index step, IterationReport& report) {
  const SampleKey key{.seed = seed_, .iteration = run.iteration, .point = static_cast<std::int32_t>(step)};
  std::vector<Evaluation> truth = evaluate_one(evaluator_, key, run.theta, report);
  const std::vector<bool> usable = usable_truth(truth, run);
  const double value = report.value;
  const double gradient_norm = report.gradient_norm;
  record_truth(
      truth, usable, [&](std::size_t) -> Eigen::Ref<const Vector> { return run.theta; }, bounds_, run,
      report);
  if (step > 0) {
    report.value = value;
    report.gradient_norm = gradient_norm;
  }
  return std::move(truth.front().gradient);
}

}  // namespace optex
