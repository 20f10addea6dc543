#include "optex/methods/mean_gradient.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <utility>

namespace optex {
namespace {

/// The mean of vectors of length d, added up in their order.
Vector mean_of(const std::vector<Vector>& parts, Index d) {
  constexpr Index piece = 4096;  // coordinates
  Vector mean(d);
  const double count = static_cast<double>(parts.size());
  parallel_for((d + piece - 1) / piece, 4, [&](Index i) {
    const Index first = i * piece, size = std::min(piece, d - first);
    auto sum = mean.segment(first, size);
    sum.setZero();
    for (const Vector& part : parts) sum += part.segment(first, size);
    sum /= count;
  });
  return mean;
}

}  // namespace

MeanGradient evaluate_mean(Evaluator& evaluator, const std::shared_ptr<const Vector>& theta,
                           Index parallelism, std::uint64_t seed, const Bounds& bounds, bool any_batch,
                           RunState& run, IterationReport& report) {
  evaluator.begin({parallelism});
  for (Index i = 0; i < parallelism; ++i)
    evaluator.submit(
        {{.seed = seed, .iteration = run.iteration, .point = static_cast<std::int32_t>(i)}, theta});
  Round round = evaluator.close();
  std::vector<Evaluation>& truth = round.evaluations;
  report.seconds_in.evaluate = round.times.evaluate;
  report.seconds_in.wait = round.times.wait;
  const Stopwatch watch;
  const std::vector<bool> usable = usable_truth(truth, run, any_batch ? Needed::any : Needed::first);
  record_truth(
      truth, usable, [&](std::size_t) -> Eigen::Ref<const Vector> { return *theta; }, bounds, run, report);

  MeanGradient mean;
  double value = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!usable[i]) continue;
    value += truth[i].value;
    mean.parts.push_back(std::move(truth[i].gradient));
  }
  mean.gradient = mean_of(mean.parts, theta->size());
  report.value = value / static_cast<double>(mean.parts.size());  // the step's batch is the union of all
  report.gradient_norm = bounds.gradient_norm(*theta, mean.gradient);
  report.seconds_in.update = watch.seconds();
  return mean;
}

}  // namespace optex
