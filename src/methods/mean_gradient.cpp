#include "optex/methods/mean_gradient.hpp"

#include "optex/methods/truth.hpp"

#include <utility>

namespace optex {

MeanGradient evaluate_mean(Evaluator& evaluator, ConstVectorRef theta, Index parallelism, std::uint64_t seed,
                           const Bounds& bounds, RunState& run, IterationReport& report) {
  evaluator.begin(parallelism);
  for (Index i = 0; i < parallelism; ++i)
    evaluator.submit({.seed = seed, .iteration = run.iteration, .point = static_cast<std::int32_t>(i)},
                     theta);
  std::vector<Evaluation> truth = evaluator.collect();
  report.seconds_in.evaluate = evaluator.times().evaluate;
  report.seconds_in.wait = evaluator.times().wait;
  const std::vector<bool> usable = usable_truth(truth, run);
  record_truth(truth, usable, theta, bounds, run, report);

  MeanGradient mean{Vector::Zero(theta.size()), {}};
  double value = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!usable[i]) continue;
    mean.gradient += truth[i].gradient;
    value += truth[i].value;
    mean.parts.push_back(std::move(truth[i].gradient));
  }
  const double count = static_cast<double>(mean.parts.size());
  mean.gradient /= count;
  report.value = value / count;  // the batch that the step sees is the union of all
  report.gradient_norm = bounds.gradient_norm(theta, mean.gradient);
  return mean;
}

}  // namespace optex
