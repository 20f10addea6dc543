// The points of a round on their way: which answers are waited for, what comes late, what it cost.
#include "optex/core/stopwatch.hpp"
#include "optex/methods/quorum.hpp"
#include "optex/methods/surrogate.hpp"
#include "optex/methods/surrogate_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "surrogate_plan.hpp"

namespace optex {

std::vector<Evaluation> Surrogate::evaluate(RunState& run, Plan& round, IterationReport& report) const {
  Stopwatch watch;
  evaluator_.begin({std::ssize(round.points), still_wanted(run, options_.seed)});
  SampleKey key{.seed = options_.seed, .iteration = run.iteration};
  for (const Vector& point : round.points) {
    evaluator_.submit(point_at(key, point));
    ++key.point;
  }
  report.seconds_in.chain = watch.lap();
  Round closed = evaluator_.close(closing(run, round));
  report.seconds_in.evaluate = closed.times.evaluate;
  report.seconds_in.wait = closed.times.wait;
  take_late_as_points(run, round, closed.evaluations, closed.late);
  return std::move(closed.evaluations);
}

/// Answers to the guard, to the model's first point and to the chain's are waited for.
Closing Surrogate::closing(const RunState& run, const Plan& round) const {
  Closing how;
  if (options_.quorum >= 1.0 && run.outstanding.count() == 0) return how;
  how.enough = answers_to_close(options_.quorum, std::ssize(round.points));
  for (const Index point : {round.guards, round.chains})
    if (point > 0) how.needed.push_back(static_cast<std::int32_t>(point));
  return how;
}

/// What came late counts as one more point of this round; what is not there is noted as outstanding.
void Surrogate::take_late_as_points(RunState& run, Plan& round, std::vector<Evaluation>& truth,
                                    std::vector<LateAnswer>& late) {
  std::vector<LatePair> pairs = take_off_outstanding(run, late);
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (truth[i].outstanding) add_outstanding(run, static_cast<Index>(i), round.points[i]);
  for (LatePair& pair : pairs) {
    pair.truth.gradients = 0;  // counted when it was submitted
    round.points.push_back(std::move(pair.theta));
    truth.push_back(std::move(pair.truth));
  }
}

/// What the round cost and where the run stood in it. A step too short to be one says nothing new of F.
void Surrogate::book(RunState& run, const Plan& round, const std::vector<Evaluation>& truth,
                     const std::vector<bool>& usable, IterationReport& report) const {
  const bool first = !run.surrogate.begun();
  for (const Evaluation& evaluation : truth) run.evaluations += evaluation.gradients;
  report.evaluations = run.evaluations;
  report.value = first ? truth.front().value : run.best.value;
  report.gradient_norm = first ? options_.bounds.gradient_norm(run.theta, truth.front().gradient)
                               : options_.bounds.gradient_norm(run.best.theta, run.best.gradient);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!usable[i] && !truth[i].outstanding) ++report.dropped_points;
    if (usable[i] && (first || round.points[i] != run.best.theta))
      report.lowest_value = std::fmin(report.lowest_value, truth[i].value);
    if (report.failure.empty()) report.failure = truth[i].failure;
  }
  const bool says_nothing =
      std::isnan(report.lowest_value) && std::find(usable.begin(), usable.end(), true) != usable.end();
  if (says_nothing) report.lowest_value = report.value;
}

}  // namespace optex
