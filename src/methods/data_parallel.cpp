#include "optex/methods/data_parallel.hpp"

#include "optex/core/stopwatch.hpp"
#include "optex/methods/mean_gradient.hpp"

#include <algorithm>
#include <utility>

namespace optex {

DataParallel::DataParallel(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer, Options options)
    : evaluator_(evaluator), optimizer_(std::move(optimizer)), options_(options) {}

RunState DataParallel::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer = optimizer_->initial_state(theta.size());
  if (options_.average_tail) run.noisy.average = run.theta;
  return run;
}

IterationReport DataParallel::iterate(RunState& run) {
  IterationReport report;
  report.update = "data_parallel";
  const MeanGradient mean =
      evaluate_mean(evaluator_, std::make_shared<const Vector>(run.theta), options_.parallelism,
                    options_.seed, options_.bounds, options_.any_batch, run, report);
  const Stopwatch watch;
  optimizer_->step(run.theta, mean.gradient, run.optimizer);
  report.iteration = ++run.iteration;
  if (options_.average_tail) {
    run.noisy.average +=
        std::min(1.0, 9.0 / (static_cast<double>(run.iteration) + 8.0)) * (run.theta - run.noisy.average);
    options_.bounds.project(run.noisy.average);  // of round-off
  }
  report.seconds_in.update += watch.seconds();
  return report;
}

}  // namespace optex
