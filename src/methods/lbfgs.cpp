#include "optex/methods/lbfgs.hpp"

#include "optex/core/stopwatch.hpp"
#include "optex/methods/secant_start.hpp"
#include "optex/methods/truth.hpp"
#include "optex/methods/value_unit.hpp"

#include <optional>
#include <vector>

namespace optex {
namespace {

LbfgsParts parts_of(RunState& run) {
  return {run.theta,
          run.secants.pairs,
          run.secants.diagonal,
          run.secants.base_gradient,
          run.secants.base_value,
          run.secants.direction,
          run.secants.line_search,
          run.best.value,
          run.best.theta,
          run.best.gradient};
}

}  // namespace

RunState Lbfgs::initial_state(ConstVectorRef theta) const {
  RunState run = secant_start(theta, options_.bounds, options_.memory);
  run.best.keep_pair(run.theta);
  return run;
}

IterationReport Lbfgs::iterate(RunState& run) {
  IterationReport report;
  report.update = "lbfgs";
  run.best.keep_pair(run.theta);
  // x + alpha p: the next trial of the line search along p = -H g
  const Vector trial = steps_.next_point(run.theta, run.secants.direction, run.secants.line_search);
  std::vector<Evaluation> truth =
      evaluate_one(evaluator_, {.seed = options_.seed, .iteration = run.iteration}, trial, report);
  const Stopwatch watch;
  if (run.secants.base_gradient.size() == 0) {
    usable_truth(truth, run);  // there is nothing to fall back on
    run.best.unit = value_unit_of(truth.front());
  }
  take_in(run, trial, truth, report);
  report.best_value = run.best.value;
  report.iteration = ++run.iteration;
  report.seconds_in.update = watch.seconds();
  return report;
}

/// Wolfe's conditions at the trial: x moves there, (s, y) enters and p is made anew, or the search goes on.
void Lbfgs::take_in(RunState& run, const Vector& trial, std::vector<Evaluation>& truth,
                    IterationReport& report) const {
  const Evaluation& found = truth.front();
  const bool usable = is_usable(found);
  report.dropped_points = usable ? 0 : 1;
  if (usable) report.lowest_value = found.value;
  report.evaluations = run.evaluations += found.gradients;
  {
    const InValueUnit in_unit(run, truth);
    const SecantState& base = run.secants;
    if (usable && base.base_gradient.size() > 0)
      run.progress.values.look({run.theta, base.base_value, base.base_gradient},
                               {trial, found.value, found.gradient},
                               run.progress.first_value / run.best.unit);
    report.accepted = steps_.take_in(parts_of(run), trial, found, usable) ? 1 : 0;
  }
  report.value = run.secants.base_value * run.best.unit;
  report.gradient_norm = options_.bounds.gradient_norm(run.theta, run.secants.base_gradient * run.best.unit);
}

std::optional<Ending> Lbfgs::finished(const RunState& run) const {
  if (run.secants.line_search.phase == LineSearch::stationary)
    return Ending{"stationary", "the gradient is 0: this is a stationary point"};
  if (run.secants.line_search.phase == LineSearch::given_up)
    return Ending{"line_search",
                  "the line search finds no smaller value along the steepest descent: F is as small as its "
                  "precision allows, or the gradient is wrong (optex check --evaluate)"};
  return std::nullopt;
}

}  // namespace optex
