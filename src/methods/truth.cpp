#include "optex/methods/truth.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace optex {

std::vector<Evaluation> evaluate_one(Evaluator& evaluator, const SampleKey& key, ConstVectorRef theta,
                                     IterationReport& report) {
  evaluator.begin({1});
  evaluator.submit(point_at(key, theta));
  Round round = evaluator.close();
  report.seconds_in.evaluate += round.times.evaluate;
  report.seconds_in.wait += round.times.wait;
  return std::move(round.evaluations);
}

std::vector<bool> usable_truth(const std::vector<Evaluation>& truth, const RunState& run, Needed needed) {
  const std::string round = "round " + std::to_string(run.iteration + 1) + ": ";
  if (needed == Needed::any && std::any_of(truth.begin(), truth.end(), is_usable)) needed = Needed::none;
  if (needed != Needed::none && truth.front().failed()) throw EvaluationError(round + truth.front().failure);
  std::vector<bool> usable;
  usable.reserve(truth.size());
  for (const Evaluation& evaluation : truth) usable.push_back(is_usable(evaluation));
  if (needed != Needed::none && !usable.front())
    throw NumericalError(
        round +
        (std::isfinite(truth.front().value) ? "the gradient at the iterate is not finite"
                                            : "value or gradient at the iterate is not finite (value " +
                                                  std::to_string(truth.front().value) + ")") +
        "; another start may help, or a smaller optimizer.learning_rate where the method has one");
  return usable;
}

void record_truth(const std::vector<Evaluation>& truth, const std::vector<bool>& usable,
                  const PointOf& point_of, const Bounds& bounds, RunState& run, IterationReport& report) {
  for (const Evaluation& evaluation : truth) run.evaluations += evaluation.gradients;
  report.evaluations = run.evaluations;
  report.value = truth.front().value;
  if (usable.front()) report.gradient_norm = bounds.gradient_norm(point_of(0), truth.front().gradient);
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (!usable[i] && !truth[i].outstanding) ++report.dropped_points;
  std::size_t lowest = truth.size();
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (usable[i] && (lowest == truth.size() || truth[i].value < truth[lowest].value)) lowest = i;
  if (lowest < truth.size()) report.lowest_value = truth[lowest].value;
  if (lowest < truth.size()) run.best.note(truth[lowest].value, point_of(lowest), truth[lowest].gradient);
  for (const Evaluation& evaluation : truth)
    if (report.failure.empty() && evaluation.gradients > 0) report.failure = evaluation.failure;
  report.best_value = run.best.value;
}

}  // namespace optex
