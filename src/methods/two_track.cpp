#include "optex/methods/two_track.hpp"

#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/estimation/balanced_units.hpp"
#include "optex/estimation/model_in_units.hpp"
#include "optex/methods/depths.hpp"
#include "optex/methods/early_intake.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/methods/quorum.hpp"
#include "optex/methods/remember.hpp"
#include "optex/methods/replay.hpp"
#include "optex/methods/scouts.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace optex {
namespace {

constexpr Index scouts_from = 3;     // points a round
constexpr Index chain_keeps = 2;     // points a round, whatever the scouts gain
constexpr Index fastest_growth = 8;  // of the reach, from one round to the next
constexpr double share_step = 1.0 / 8.0;
constexpr double largest_share = 3.0 / 4.0;
constexpr Index balanced_from = 4;      // entries
constexpr double rescale_growth = 1.5;  // units are measured anew after 1.5 times as many rounds
constexpr double chain_radius = 10.0;   // in units of the largest distance of an entry from the iterate

/// All that is known after the first round: one gradient, the same everywhere.
class OneGradient final : public GradientModel {
 public:
  explicit OneGradient(Vector gradient) : gradient_(std::move(gradient)) {}
  double predict(ConstVectorRef, VectorRef mean) const override {
    mean = gradient_;
    return 1.0;
  }

 private:
  Vector gradient_;
};

/// Two points tell most at the two ends of the chain; more are spread as replay spreads them.
std::vector<Index> chain_depths(Index points, Index reach) {
  if (points == 2 && reach > 1) return {0, reach};
  return evaluated_depths(points, std::max(reach, points - 1));
}

/// The best new point of a round; nothing when no point was better than those before.
std::optional<std::size_t> new_best(const RunState& run, double best_before,
                                    const std::vector<Evaluation>& truth, const std::vector<bool>& usable) {
  if (!(run.best_value < best_before)) return std::nullopt;
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (usable[i] && truth[i].value == run.best_value) return i;
  return std::nullopt;
}

/// Whether the replay before led to a worse point, where the model knew nothing: to take the gradient there
/// for 0 would have been no worse. Replay's own check, made at points that it has just learnt, cannot see
/// that.
bool went_astray(const RunState& run, const IterationReport& report) {
  constexpr double some_direction = 0.1;  // cosine between prediction and truth
  const Index rounds = run.guard_values.size();
  const bool rose = rounds >= 2 && run.guard_values[rounds - 1] > run.guard_values[rounds - 2];
  return rose && !report.prediction_error.empty() && report.prediction_error.front() >= 1.0 &&
         report.prediction_cosine.front() < some_direction;
}

}  // namespace

TwoTrack::TwoTrack(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer, Options options)
    : evaluator_(evaluator), optimizer_(std::move(optimizer)), options_(std::move(options)) {
  if (options_.history == 0) options_.history = default_history(options_.parallelism);
  options_.hyperparameters.linear_trend = true;
}

Index TwoTrack::default_history(Index parallelism) { return std::max<Index>(60, 6 * parallelism); }

RunState TwoTrack::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer = optimizer_->initial_state(theta.size());
  run.history = GradientHistory(theta.size(), options_.history, {}, options_.precision);
  keep_best_pair(run);
  run.reach = options_.parallelism - 1;
  return run;
}

std::unique_ptr<Posterior> TwoTrack::fit(const HistoryInUnits& history) const {
  const Gram gram = gram_of(history, PriorMean::constant);
  const Hyperparameters chosen =
      choose_hyperparameters(gram, *kernel_, PriorMean::constant, options_.hyperparameters);
  return std::make_unique<Posterior>(history.stored(), gram, kernel_, PriorMean::constant, chosen);
}

IterationReport TwoTrack::iterate(RunState& run) {
  IterationReport report;
  report.update = "two_track";
  keep_best_pair(run);
  const Index scouts = run.scouts.cols();
  const Index points = points_this_round(run, options_.parallelism);
  const Index chain_points = points - scouts;
  const bool ready = run.history.size() >= 1;

  Stopwatch watch;
  std::unique_ptr<GradientModel> fitted;
  std::unique_ptr<GradientModel> model;
  const auto fit_history = [&]() -> ChainGuide {
    report.seconds_in.chain = watch.lap();
    if (!ready) return {};
    ChainGuide guide;
    if (run.history.size() == 1) {
      fitted = std::make_unique<OneGradient>(run.history.gradient(0));
    } else {
      fitted = fit(run.history);
      report.lengthscale = fitted->lengthscale();
      report.nugget = fitted->nugget();
      Vector distances(run.history.size());
      run.history.squared_distances_to(run.theta, options_.units, distances);
      guide.farthest = chain_radius * std::sqrt(distances.maxCoeff());
    }
    model = std::make_unique<ModelInUnits>(*fitted, options_.units);
    guide.model = model.get();
    report.seconds_in.fit = watch.lap();
    return guide;
  };

  const Index announced = ready ? points : 1;
  resubmit_outstanding(run, options_.seed, evaluator_);
  evaluator_.begin(announced);
  SampleKey key{.seed = options_.seed, .iteration = run.iteration};
  const std::vector<Index> depths = ready ? chain_depths(chain_points, run.reach) : std::vector<Index>{0};
  const ProxyChain chain = walk_chain(run.theta, run.optimizer, fit_history, *optimizer_, depths, key, false,
                                      evaluator_, options_.units);
  const std::size_t on_chain = chain.depths.size();
  for (Index k = 0; k < scouts; ++k) {
    key.point = static_cast<std::int32_t>(chain_points + k);
    evaluator_.submit(key, run.scouts.col(k));
  }
  report.seconds_in.chain += watch.lap();

  std::vector<const double*> addresses = addresses_of(chain);
  for (Index k = 0; k < scouts; ++k) addresses.push_back(run.scouts.col(k).data());
  EarlyIntake early(run.history, options_.units, addresses, std::ssize(chain.points),
                    [&](double value) { return ceiling_with(run, value, options_.guard_window); });
  ClosedRound closed =
      close_round(chain, run, options_.quorum, std::ssize(chain.points) + scouts, evaluator_, early);
  report.early_points = early.pairs().measured();
  const std::vector<Evaluation>& truth = closed.evaluations;
  report.seconds_in.evaluate = evaluator_.times().evaluate;
  report.seconds_in.wait = evaluator_.times().wait;
  report.seconds_in.update = evaluator_.times().meanwhile;
  watch.lap();

  const std::vector<bool> usable = usable_truth(truth, run);
  const std::vector<LatePair> late = take_late(run, closed.late, report);
  const double best_before = run.best_value;
  const auto point_of = [&](std::size_t i) -> Eigen::Ref<const Vector> {
    if (i < on_chain) return *chain.points[i];
    return run.scouts.col(static_cast<Index>(i - on_chain));
  };
  record_truth(truth, usable, point_of, options_.bounds, run, report);
  report_predictions(chain, truth, usable, report);
  report.reach = chain.depths.back();
  model.reset();
  fitted.reset();  // it looks into the history, which changes now

  // Late ones and scouts first, so that the newest entry is the chain's end.
  const double ceiling = raise_guard(run, truth.front().value, options_.guard_window);
  std::vector<NewPair> pairs =
      worth_remembering(late, run.history, std::count(usable.begin(), usable.end(), true), ceiling);
  std::deque<Vector> off_chain;  // where references stay valid
  const auto take_in = [&](std::size_t i, const Vector& point) {
    pairs.push_back({point, truth[i].gradient, truth[i].value, run.iteration});
  };
  for (std::size_t i = on_chain; i < truth.size(); ++i)
    if (usable[i] && truth[i].value <= ceiling)
      take_in(i, off_chain.emplace_back(run.scouts.col(static_cast<Index>(i - on_chain))));
  for (std::size_t i = 0; i < on_chain; ++i)
    if (usable[i]) take_in(i, *chain.points[i]);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!truth[i].outstanding) continue;
    const auto scout = static_cast<Index>(i - on_chain);
    if (i < on_chain)
      add_outstanding(run, static_cast<Index>(i), *chain.points[i]);
    else
      add_outstanding(run, chain_points + scout, run.scouts.col(scout));
  }
  const Index newcomers = remember(run, pairs, options_.bounds, options_.units, &early.pairs());
  const std::unique_ptr<Posterior> refit = run.history.size() >= 2 ? fit(run.history) : nullptr;
  std::unique_ptr<GradientModel> guide;
  if (ready && refit) guide = std::make_unique<ModelInUnits>(*refit, options_.units);

  const ReplayResult result = replay_arrived(run, chain.depths, truth, usable, guide.get(), *optimizer_,
                                             {ceiling, options_.tolerance, options_.bounds});
  report.accepted = result.accepted;
  // With many points a chain that was dared too far costs only its deepest ones.
  const Index growth = std::clamp<Index>(options_.parallelism, 2, fastest_growth);
  if (ready)
    run.reach = next_reach(run.reach, {chain_points, options_.reach, options_.tolerance, growth}, result);
  if (ready && went_astray(run, report)) run.reach = std::max(chain_points - 1, run.reach / 2);

  const std::optional<std::size_t> winner = new_best(run, best_before, truth, usable);
  const bool scout_won = winner && *winner >= on_chain;
  const bool scouted = std::any_of(truth.begin() + static_cast<std::ptrdiff_t>(on_chain), truth.end(),
                                   [](const Evaluation& scout) { return !scout.outstanding; });
  if (scouted)
    run.scout_share = scout_won ? std::min(largest_share, run.scout_share + share_step)
                                : std::max(0.0, run.scout_share - share_step);
  const bool newton_won =
      scout_won && static_cast<Index>(*winner - on_chain) < run.scout_dampings.size() &&
      run.scout_dampings[static_cast<Index>(*winner - on_chain)] == scout_damping_order[0];
  if (scouted) run.scout_gains[run.scout_units] = scout_won ? best_before - run.best_value : 0.0;
  run.scouts.resize(run.theta.size(), 0);
  run.scout_dampings.resize(0);
  if (options_.balance && options_.parallelism >= scouts_from) measure_in_balanced_units(run, newcomers);
  if (refit && refit->nugget() < noisy_nugget && points_this_round(run, options_.parallelism) >= scouts_from)
    scout(run, *refit, newcomers, newton_won);

  report.iteration = ++run.iteration;
  report.seconds_in.update += watch.lap();
  return report;
}

/// Keeps the balanced units and the distances of the history in them up to date.
void TwoTrack::measure_in_balanced_units(RunState& run, Index newcomers) const {
  if (run.history.size() < balanced_from) return;
  const Index n = run.history.size();
  newcomers = std::min(newcomers, n);
  if (run.iteration >= run.scout_rescale_at) {
    const Units units = balanced_units(run.history);
    run.scout_scale =
        units.none() ? Vector() : Vector(Eigen::Map<const Vector>(units.scale(), run.theta.size()));
    newcomers = n;
    const double next = std::ceil(rescale_growth * static_cast<double>(run.iteration));
    run.scout_rescale_at = std::max(run.iteration + 1, static_cast<std::int64_t>(next));
  }
  if (run.scout_scale.size() == 0) return;
  PairDistances distances{std::move(run.scout_theta_distances), std::move(run.scout_gradient_distances)};
  add_newcomers(run.history, Units(run.scout_scale), newcomers, distances);
  run.scout_theta_distances = std::move(distances.thetas);
  run.scout_gradient_distances = std::move(distances.gradients);
}

/// Splits the next round and places its scouts.
void TwoTrack::scout(RunState& run, const Posterior& posterior, Index newcomers, bool newton_won) const {
  const Index parallelism = points_this_round(run, options_.parallelism);
  const auto share = static_cast<Index>(std::nearbyint(run.scout_share * static_cast<double>(parallelism)));
  const Index wanted = std::clamp<Index>(share, 1, parallelism - chain_keeps);
  const Index most = std::min<Index>(std::max<Index>(1, wanted - 1), std::ssize(scout_damping_order));
  run.newton_points = newton_won ? 1 : std::min(run.newton_points + 1, most);
  const auto place = [&](const HistoryInUnits& history, const Posterior& fitted) {
    place_scouts(run, {history, fitted, *kernel_, options_.parallelism, wanted, newcomers, options_.seed,
                       options_.bounds, options_.units});
  };

  const Vector& gains = run.scout_gains;
  const bool turn = gains[1] > gains[0] || (gains[1] == gains[0] && run.scout_units == 0);
  run.scout_units = 0;
  if (turn && run.scout_scale.size() > 0) {
    const PairDistances distances{run.scout_theta_distances, run.scout_gradient_distances};
    const HistoryInUnits balanced(run.history, Units(run.scout_scale), distances);
    const auto in_balance = fit(balanced);
    if (in_balance->nugget() < noisy_nugget) {
      run.scout_units = 1;
      return place(balanced, *in_balance);
    }
  }
  place(run.history, posterior);
}

}  // namespace optex
