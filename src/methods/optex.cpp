#include "optex/methods/optex.hpp"

#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/estimation/model_in_units.hpp"
#include "optex/methods/depths.hpp"
#include "optex/methods/quorum.hpp"
#include "optex/methods/remember.hpp"
#include "optex/methods/replay.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <limits>
#include <optional>
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
      options_(std::move(options)) {
  if (options_.history == 0) options_.history = default_history(options_.parallelism);
}

Index Optex::default_history(Index parallelism) { return std::max<Index>(20, 6 * parallelism); }

RunState Optex::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer = optimizer_->initial_state(theta.size());
  run.history = GradientHistory(theta.size(), options_.history, options_.precision);
  run.reach = options_.parallelism - 1;
  return run;
}

IterationReport Optex::iterate(RunState& run) {
  IterationReport report;
  report.update = name_of(options_.update);
  const bool ready = estimator_->is_ready(run.history);
  const Index points = points_this_round(run, options_.parallelism);
  const Index reach = options_.update == UpdateRule::replay ? run.reach : points - 1;
  const std::vector<Index> depths = ready ? evaluated_depths(points, reach) : std::vector<Index>{0};

  Stopwatch watch;
  std::unique_ptr<GradientModel> fitted;
  std::unique_ptr<GradientModel> model;
  const auto fit = [&]() -> const GradientModel* {
    report.seconds_in.chain = watch.lap();
    if (!ready) return nullptr;
    fitted = estimator_->fit(run.history);
    model = std::make_unique<ModelInUnits>(*fitted, options_.units);
    report.lengthscale = model->lengthscale();
    report.nugget = model->nugget();
    report.seconds_in.fit = watch.lap();
    return model.get();
  };

  resubmit_outstanding(run, options_.seed, evaluator_);
  evaluator_.begin(static_cast<Index>(depths.size()));
  const SampleKey key{.seed = options_.seed, .iteration = run.iteration};
  const ProxyChain chain = walk_chain(run.theta, run.optimizer, fit, *optimizer_, depths, key,
                                      is_selection(options_.update), evaluator_);
  report.seconds_in.chain += watch.lap();

  ClosedRound closed = close_round(chain, run, options_.quorum, evaluator_);
  const std::vector<Evaluation>& truth = closed.evaluations;
  report.seconds_in.evaluate = evaluator_.times().evaluate;
  report.seconds_in.wait = evaluator_.times().wait;
  watch.lap();

  const std::vector<bool> usable = usable_truth(truth, run);
  const std::vector<LatePair> late = take_late(run, closed.late, report);
  record_truth(
      truth, usable, [&](std::size_t i) -> Eigen::Ref<const Vector> { return *chain.points[i]; },
      options_.bounds, run, report);
  report_predictions(chain, truth, usable, report);
  report.reach = depths.back();
  model.reset();
  fitted.reset();  // it looks into the history, which changes now
  const bool guarded = options_.update == UpdateRule::replay;
  const double ceiling = guarded ? raise_guard(run, truth.front().value, options_.guard_window)
                                 : std::numeric_limits<double>::infinity();
  std::vector<NewPair> pairs =
      worth_remembering(late, run.history, std::count(usable.begin(), usable.end(), true), ceiling);
  for (std::size_t i = 0; i < chain.points.size(); ++i) {
    if (usable[i]) pairs.push_back({*chain.points[i], truth[i].gradient, truth[i].value, run.iteration});
    if (truth[i].outstanding) add_outstanding(run, static_cast<Index>(i), *chain.points[i]);
  }
  remember(run, pairs, options_.bounds, options_.units);

  switch (options_.update) {
    case UpdateRule::replay:
      report.accepted = accept_replay(run, chain, truth, usable, ready, ceiling);
      break;
    case UpdateRule::sequence:
      report.accepted = accept_sequence(run, truth, usable);
      break;
    default:
      report.accepted = accept_selected(run, chain, truth, usable);
  }
  report.iteration = ++run.iteration;
  report.seconds_in.update = watch.lap();
  return report;
}

Index Optex::accept_replay(RunState& run, const ProxyChain& chain, const std::vector<Evaluation>& truth,
                           const std::vector<bool>& usable, bool ready, double ceiling) const {
  std::unique_ptr<GradientModel> fitted;
  std::unique_ptr<GradientModel> refit;
  if (ready) {
    fitted = estimator_->fit(run.history);
    refit = std::make_unique<ModelInUnits>(*fitted, options_.units);
  }
  const ReplayResult result = replay_arrived(run, chain.depths, truth, usable, refit.get(), *optimizer_,
                                             {ceiling, options_.tolerance, options_.bounds});
  if (ready)
    run.reach = next_reach(run.reach, {std::ssize(chain.depths), options_.reach, options_.tolerance}, result);
  return result.accepted;
}

Index Optex::accept_sequence(RunState& run, const std::vector<Evaluation>& truth,
                             const std::vector<bool>& usable) const {
  Index steps = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!usable[i]) continue;
    optimizer_->step(run.theta, truth[i].gradient, run.optimizer);
    ++steps;
  }
  return steps;
}

Index Optex::accept_selected(RunState& run, const ProxyChain& chain, const std::vector<Evaluation>& truth,
                             const std::vector<bool>& usable) const {
  std::size_t selected = 0;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!usable[i]) continue;
    const double score = options_.update == UpdateRule::last        ? -static_cast<double>(i)
                         : options_.update == UpdateRule::min_value ? truth[i].value
                                                                    : squared_norm(truth[i].gradient);
    if (score < best) {
      best = score;
      selected = i;
    }
  }
  run.theta = *chain.points[selected];
  run.optimizer = chain.states[selected];
  optimizer_->step(run.theta, truth[selected].gradient, run.optimizer);
  return chain.depths[selected] + 1;
}

}  // namespace optex
