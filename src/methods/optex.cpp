#include "optex/methods/optex.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace optex {
namespace {

bool is_selection(UpdateRule rule) {
  return rule == UpdateRule::last || rule == UpdateRule::min_value || rule == UpdateRule::min_gradient;
}

}  // namespace

const char* name_of(UpdateRule rule) {
  switch (rule) {
    case UpdateRule::last:
      return "last";
    case UpdateRule::min_value:
      return "min_value";
    case UpdateRule::min_gradient:
      return "min_gradient";
    case UpdateRule::sequence:
      return "sequence";
    case UpdateRule::replay:
      return "replay";
  }
  return "unknown";
}

Optex::Optex(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer,
             std::shared_ptr<const Estimator> estimator, Options options)
    : evaluator_(evaluator),
      optimizer_(std::move(optimizer)),
      estimator_(std::move(estimator)),
      options_(std::move(options)),
      rules_{options_.parallelism, options_.quorum, options_.seed, options_.bounds, options_.units} {
  if (options_.history == 0) options_.history = default_history(options_.parallelism);
}

Index Optex::default_history(Index parallelism) { return std::max<Index>(20, 6 * parallelism); }

RunState Optex::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer = optimizer_->initial_state(theta.size());
  run.history = GradientHistory(theta.size(), options_.history, options_.precision);
  run.replay.reach = options_.parallelism - 1;
  return run;
}

IterationReport Optex::iterate(RunState& run) {
  ChainRound round(run, evaluator_, *optimizer_, *estimator_, rules_);
  const bool replays = options_.update == UpdateRule::replay;
  // mu from H; theta_s = FO-OPT(theta_{s-1}, mu(theta_{s-1}))
  round.walk(replays ? run.replay.reach : round.points() - 1, is_selection(options_.update));
  // g_s = grad F(theta_s), side by side
  round.close();
  const double ceiling = replays ? run.replay.raise_guard(round.value(), options_.guard_window)
                                 : std::numeric_limits<double>::infinity();
  // H <- (theta_s, g_s), the last T0
  round.remember(ceiling);
  // theta_t from theta_{t-1} by the rule
  const Index steps = replays                                   ? accept_replay(run, round, ceiling)
                      : options_.update == UpdateRule::sequence ? accept_sequence(run, round)
                                                                : accept_selected(run, round);
  return round.report(name_of(options_.update), steps);
}

Index Optex::accept_replay(RunState& run, ChainRound& round, double ceiling) const {
  const ReplayResult result = round.replay_with_truth(ceiling, options_.tolerance);
  const ReachRule rule{std::ssize(round.chain().depths), options_.reach, options_.tolerance};
  if (round.is_ready()) run.replay.reach = next_reach(run.replay.reach, rule, result);
  return result.accepted;
}

Index Optex::accept_sequence(RunState& run, const ChainRound& round) const {
  Index steps = 0;
  for (std::size_t i = 0; i < round.truth().size(); ++i) {
    if (!round.usable()[i]) continue;
    optimizer_->step(run.theta, round.truth()[i].gradient, run.optimizer);
    ++steps;
  }
  return steps;
}

Index Optex::accept_selected(RunState& run, const ChainRound& round) const {
  const std::vector<Evaluation>& truth = round.truth();
  std::size_t selected = 0;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!round.usable()[i]) continue;
    const double score = options_.update == UpdateRule::last        ? -static_cast<double>(i)
                         : options_.update == UpdateRule::min_value ? truth[i].value
                                                                    : squared_norm(truth[i].gradient);
    if (score < best) {
      best = score;
      selected = i;
    }
  }
  run.theta = *round.chain().points[selected];
  run.optimizer = round.chain().states[selected];
  optimizer_->step(run.theta, truth[selected].gradient, run.optimizer);
  return round.chain().depths[selected] + 1;
}

}  // namespace optex
