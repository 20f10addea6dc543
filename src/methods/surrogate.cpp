#include "optex/methods/surrogate.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/quorum.hpp"
#include "optex/methods/surrogate_state.hpp"
#include "optex/methods/truth.hpp"
#include "optex/methods/value_unit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "surrogate_pairs.hpp"
#include "surrogate_plan.hpp"

namespace optex {
namespace {

constexpr double first_length = 1e-3;   // of the first probes, as a share of |theta|
constexpr double needed_gain = 0.25;    // of the learnt diagonal, to be the prior
constexpr std::int64_t most_idle = 20;  // rounds without progress after the guard has given up
constexpr double trusted_noise = 1e-3;  // rho^2 of an old pair that is worth keeping
constexpr double anchor_reach = 1e3;    // in lengths of what is near: farther than this the anchor moves

LbfgsParts parts_of(GuardState& guard) {
  return {guard.theta,     guard.secants,     guard.diagonal,   guard.base_gradient, guard.base_value,
          guard.direction, guard.line_search, guard.best_value, guard.best_theta,    guard.best_gradient};
}

bool can_go_on(const GuardState& guard) {
  return guard.line_search.phase == LineSearch::bracketing || guard.line_search.phase == LineSearch::zooming;
}

}  // namespace

Surrogate::Surrogate(Evaluator& evaluator, Options options)
    : evaluator_(evaluator),
      options_(std::move(options)),
      guard_(options_.bounds, options_.learns_diagonal),
      chain_(options_.bounds, options_.units) {
  const Index points = options_.parallelism;
  if (options_.history == 0) options_.history = default_history(points, whole_length(evaluator.dimension()));
  options_.model.metric_pairs = std::max(options_.model.metric_pairs, 2 * points);
  options_.model.likelihood_pairs = std::max(options_.model.likelihood_pairs, 6 * points);
  options_.model.rough_pairs = std::max(options_.model.rough_pairs, 6 * points);
}

Index Surrogate::default_history(Index parallelism, Index dimension) {
  constexpr Index wanted = 300;
  constexpr Index numbers = Index{250'000'000} / 3;  // 2 GB for three rows a pair
  const Index room = numbers / std::max<Index>(dimension, 1);
  return std::max({Index{60}, 6 * parallelism, std::min(wanted, room)});
}

RunState Surrogate::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer.moments.resize(theta.size(), 0);
  return run;
}

/// Which coordinates can move downhill from the best point: length d, 0 or 1; empty when all can.
Vector Surrogate::counting(const RunState& run) const {
  if (options_.bounds.none()) return {};
  Vector downhill = -run.best.gradient;
  options_.bounds.hold(run.best.theta, downhill);
  Vector mask = Vector::Ones(downhill.size());
  for (Index i = 0; i < mask.size(); ++i)
    if (downhill[i] == 0.0 && run.best.gradient[i] != 0.0) mask[i] = 0.0;
  return holds_for_all(mask.size(), mask.minCoeff() == 1.0) ? Vector() : mask;
}

Surrogate::Plan Surrogate::plan(const RunState& run) const {
  Plan round;
  // Never without the guard's and the model's first point, whoever else is still busy.
  const Index points = std::max<Index>(2, points_this_round(run, options_.parallelism));
  const Index chain_points =
      run.surrogate.begun() && run.surrogate->chain.begun()
          ? std::min(run.surrogate->chain.share.points(options_.parallelism), points - 2)
          : 0;
  const Index model_points = points - 1 - chain_points;
  const SampleKey key{.seed = options_.seed, .iteration = run.iteration};
  const auto d = run.theta.size();
  const auto add = [&](Vector point) {
    options_.bounds.project(point);
    round.points.push_back(std::move(point));
  };
  // Without a model: about the best point, nearer each time that nothing came of it.
  const auto look_around = [&](const Vector& centre, std::int64_t failures) {
    const double root = std::sqrt(static_cast<double>(whole_length(d)));
    const double length = first_length * (norm(options_.units.position(centre)) + 0.1 * root) / root /
                          std::pow(10.0, static_cast<double>(std::min<std::int64_t>(failures, 9)));
    for (Index k = 0; k < model_points; ++k)
      add(centre + options_.units.step_in_theta(length * random_signs(key, k, d)));
  };
  if (!run.surrogate.begun()) {
    round.points.push_back(run.theta);
    round.guards = 0;
    look_around(run.theta, 0);
    return round;
  }
  const SurrogateState& state = *run.surrogate;
  const PairMemory& pairs = state.pairs;
  const Vector best = options_.units.position(run.best.theta);
  Vector gradient = options_.units.gradient(run.best.gradient) / run.best.unit;
  ModelMemory memory = state.model;
  if (pairs.mask().size() > 0) {
    gradient = gradient.cwiseProduct(pairs.mask());
    if (memory.residual.size() > 0) memory.residual = memory.residual.cwiseProduct(pairs.mask());
  }
  const std::optional<KnownPart> known = known_at(best, run.best.unit, pairs.mask());
  const std::unique_ptr<const PriorScale> scale = prior(run, known ? &*known : nullptr);
  std::optional<RoundPlan> plan = plan_round({.pairs = pairs,
                                              .newcomers = static_cast<Index>(state.newcomers),
                                              .scale = scale.get(),
                                              .known = known ? &*known : nullptr,
                                              .best_theta = best,
                                              .best_gradient = gradient,
                                              .radius = state.radius,
                                              .first = run.iteration == 1,
                                              .confident = state.right_rounds >= confident_rounds,
                                              .parallelism = options_.parallelism,
                                              .points = model_points,
                                              .key = key,
                                              .rules = options_.model},
                                             std::move(memory));
  if (plan) {
    round.model = *std::move(plan);
    for (Index k = 0; k < model_points; ++k)
      add(run.best.theta + options_.units.step_in_theta(round.model.steps.col(k)));
    round.model.steps.resize(0, 0);
  } else {
    look_around(run.best.theta, 1 + state.idle_rounds);
    round.model.model = state.model;
    round.model.model.forget();
  }
  if (chain_points > 0) {
    round.chain = chain_.plan(state.chain, chain_points);
    round.chains = std::ssize(round.points);
    for (const auto& point : round.chain.points) round.points.push_back(*point);
  }
  if (can_go_on(state.guard)) {
    const GuardState& guard = state.guard;
    round.guards = std::ssize(round.points);
    round.points.push_back(guard_.next_point(guard.theta, guard.direction, guard.line_search));
  }
  return round;
}

IterationReport Surrogate::iterate(RunState& run) {
  IterationReport report;
  report.update = "surrogate";
  const bool first = !run.surrogate.begun();
  Stopwatch watch;
  heed_known(run);
  Plan round = plan(run);
  report.seconds_in.fit = watch.lap();
  std::vector<Evaluation> truth = evaluate(run, round, report);
  watch.lap();
  const std::vector<bool> usable = usable_truth(truth, run, first ? Needed::first : Needed::none);
  book(run, round, truth, usable, report);
  if (first) run.best.unit = value_unit_of(truth.front());
  {
    const InValueUnit in_unit(run, truth);
    take_in(run, round, truth, usable_truth(truth, run, Needed::none), report);
  }
  report.best_value = run.best.value;
  report.iteration = ++run.iteration;
  report.seconds_in.update = watch.lap();
  return report;
}

/// All that is in the unit of F (value_unit.hpp).
void Surrogate::take_in(RunState& run, Plan& round, const std::vector<Evaluation>& truth,
                        const std::vector<bool>& usable, IterationReport& report) const {
  const bool first = !run.surrogate.begun();
  const double best_before = run.best.value;
  if (first) begin_state(run, truth.front());
  SurrogateState& state = *run.surrogate;
  if (round.guards >= 0) {
    const auto at = static_cast<std::size_t>(round.guards);
    guard_.take_in(parts_of(state.guard), round.points[at], truth[at], usable[at]);
  }
  tell_chain(state, round, truth, usable, first);

  // Values far above the best one belong to another landscape.
  const double ceiling =
      best_before + 10.0 * std::max(state.first_value - best_before, 1e-3 * std::abs(state.first_value));
  std::vector<std::size_t> taken;
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (usable[i] && (first || truth[i].value <= ceiling)) taken.push_back(i);
  const std::size_t nobody = truth.size();
  const auto slope = [&](std::size_t i) {
    return i == nobody ? options_.bounds.gradient_norm(run.best.theta, run.best.gradient)
                       : options_.bounds.gradient_norm(round.points[i], truth[i].gradient);
  };
  std::size_t lowest_at = nobody;  // of several with the same F the one with the smallest gradient
  double lowest = best_before;
  for (const std::size_t i : taken)
    if (truth[i].value < lowest || (truth[i].value == lowest && slope(i) < slope(lowest_at))) {
      lowest_at = i;
      lowest = truth[i].value;
    }
  const std::size_t winner = lowest < best_before ? lowest_at : nobody;
  const Vector root = first ? run.theta : run.best.theta;
  const Vector root_gradient = first ? truth.front().gradient : run.best.gradient;
  const EvaluatedPoint before{root, first ? truth.front().value : best_before, root_gradient};
  for (std::size_t i = first ? 1 : 0; i < truth.size(); ++i)
    if (usable[i])
      run.progress.values.look(before, {round.points[i], truth[i].value, truth[i].gradient},
                               state.first_value);
  // The chain's points teach where one of them is the new best: elsewhere they are far from it.
  const bool chain_won = winner != nobody && round.is_on_chain(winner);
  std::vector<KnownPoint> points;
  for (const std::size_t i : taken)
    if ((!first || i > 0) && (chain_won || !round.is_on_chain(i)))
      points.push_back({&round.points[i], &truth[i].gradient});
  learn(run, round, nearest_neighbour_pairs({&root, &root_gradient}, points, options_.units), root);

  if (lowest_at != nobody) {
    run.best.value = lowest;
    run.best.theta = round.points[lowest_at];
    run.best.gradient = truth[lowest_at].gradient;
    run.theta = run.best.theta;
  }
  if (winner != nobody)
    report.winner = static_cast<Index>(winner) == round.guards ? "guard"
                    : chain_won                                ? "chain"
                    : winner < round.model.radii.size()        ? "model"
                                                               : "probe";
  state.idle_rounds = winner != nobody ? 0 : state.idle_rounds + 1;
  report.accepted = winner != nobody ? 1 : 0;
  // Without a model the points draw near the best one, whatever F does farther away.
  if (!round.model.radii.empty())
    report.untried_fall = round.model.newton_fall * run.best.unit;
  else if (can_go_on(state.guard))
    report.untried_fall = std::numeric_limits<double>::infinity();
  if (!first) judge(state, round.model, truth, usable, best_before);
  if (state.chain.begun() && !first) share_out(run, report.winner, round.chains >= 0);

  const Vector best = options_.units.position(run.best.theta);
  state.pairs.count_only(counting(run));
  if (state.newcomers > 0) {
    const Vector near = state.pairs.squared_distances_to(best).tail(static_cast<Index>(state.newcomers));
    if (squared_distance(best, state.pairs.anchor()) > anchor_reach * anchor_reach * near.maxCoeff())
      state.pairs.move_anchor(best);
  }
}

/// The chain's own points, and, to begin with, all of the first round.
void Surrogate::tell_chain(SurrogateState& state, const Plan& round, const std::vector<Evaluation>& truth,
                           const std::vector<bool>& usable, bool first) const {
  if (first && options_.chain && options_.parallelism >= ChainShare::least_parallelism) {
    std::vector<KnownPoint> around;
    for (std::size_t i = 1; i < truth.size(); ++i)
      if (usable[i]) around.push_back({&round.points[i], &truth[i].gradient});
    chain_.begin(state.chain, {&round.points.front(), &truth.front().gradient}, around);
  }
  if (round.chains >= 0) {
    ChainPoints arrived;
    std::vector<Evaluation> answers;
    for (std::size_t k = 0; k < round.chain.points.size(); ++k) {
      const Evaluation& answer = truth[static_cast<std::size_t>(round.chains) + k];
      if (answer.outstanding) continue;
      arrived.depths.push_back(round.chain.depths[k]);
      arrived.points.push_back(round.chain.points[k]);
      answers.push_back(answer);
    }
    chain_.take_in(state.chain, arrived, answers);
  }
}

void Surrogate::begin_state(RunState& run, const Evaluation& start) const {
  SurrogateState& state = *run.surrogate;
  state.first_value = start.value;
  state.guard.theta = run.theta;
  state.guard.secants = SecantPairs(run.theta.size(), guard_memory);
  state.pairs = PairMemory(options_.history, options_.units.position(run.theta));
}

/// New pairs, at the `centre` of the round before.
void Surrogate::learn(RunState& run, const Plan& round, std::vector<SecantPair> pairs,
                      ConstVectorRef centre) const {
  SurrogateState& state = *run.surrogate;
  state.model = round.model.model;
  const bool first = run.iteration == 0;
  const bool knows = leave_known_out(pairs, run.best.unit);
  if (!knows && options_.learns_diagonal)
    for (const SecantPair& pair : pairs) state.diagonal.learn(pair.step, pair.change);
  const Index newcomers = std::ssize(pairs);
  state.pairs.append(std::move(pairs));
  const Index n = state.pairs.size();
  std::vector<Index> trusted;
  const Vector& noise = round.model.squared_noise;
  const Index old = n - options_.history / 2;
  for (Index i = 0; i < old && noise.size() >= old; ++i)
    if (noise[i] < trusted_noise) trusted.push_back(i);
  state.pairs.shrink(trusted);
  state.newcomers = std::min(newcomers, state.pairs.size());
  if (knows) state.knows_hessian = 1;
  if (knows) return;
  if (first) look_for_grid(state.pairs, state.stencil);
  const std::int64_t prior = state.stencil.chosen;
  // Whether it still tells more is asked below, also where the pairs are too few to choose among stencils.
  if (prior == StencilChoice::learnt_diagonal) state.stencil.chosen = StencilChoice::none;
  choose_stencil(state.pairs, static_cast<Index>(state.newcomers), options_.units.position(centre),
                 near_pairs(), state.stencil);
  if (state.stencil.chosen == StencilChoice::none && state.diagonal.tells_more_by(needed_gain))
    state.stencil.chosen = StencilChoice::learnt_diagonal;
  if (state.stencil.chosen != prior) state.model.forget();
}

std::optional<Ending> Surrogate::finished(const RunState& run) const {
  if (!run.surrogate.begun()) return std::nullopt;
  const GuardState& guard = run.surrogate->guard;
  if (options_.bounds.gradient_norm(run.best.theta, run.best.gradient) == 0.0)
    return Ending{"stationary", "the gradient is 0: this is a stationary point"};
  if (!can_go_on(guard) && run.surrogate->idle_rounds >= most_idle)
    return Ending{"line_search",
                  "neither the model nor a line search finds a smaller value: F is as small as its precision "
                  "allows, or the gradient is wrong (optex check --evaluate)"};
  return std::nullopt;
}

}  // namespace optex
