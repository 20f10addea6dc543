#include "optex/methods/chain_track.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/reductions.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/estimation/model_in_units.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/depths.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/methods/replay.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace optex {
namespace {

constexpr double first_share = 0.25;   // of the way to the minimum along the signs of g: the first rate
constexpr double most_of_start = 0.1;  // of |theta| at the start, coordinate by coordinate: the longest
constexpr double no_gradient = 1e-8;   // of the mean |g_i| at the start
constexpr double after_a_rise = 0.7;
constexpr Index longest_reach = 64;  // from here on the rate doubles instead
constexpr double tolerance = 0.5;    // as of replay
constexpr Index guard_window = 10;   // rounds
constexpr double tiny = 1e-300;

/// What predicts the gradients, made from the state's pairs.
struct Prediction {
  GradientHistory history;
  std::unique_ptr<GradientModel> fitted, model;  // null: too few pairs
};

Prediction prediction_from(const ChainState& state, const Units& units) {
  const Index n = state.thetas.cols();
  Prediction made;
  made.history = GradientHistory(state.theta.size(), ChainTrack::most_kept);
  std::vector<Vector> thetas, gradients;
  std::vector<NewPair> pairs;
  for (Index i = 0; i < n; ++i) {
    thetas.emplace_back(state.thetas.col(i));
    gradients.emplace_back(state.gradients.col(i));
  }
  for (std::size_t i = 0; i < thetas.size(); ++i) pairs.push_back({thetas[i], gradients[i], 0.0, 0});
  made.history.append(pairs, units);
  const GaussianProcess process(std::make_shared<Matern52>(), PriorMean::constant, HyperparameterRules{});
  if (!process.is_ready(made.history)) return made;
  made.fitted = process.fit(made.history);
  made.model = std::make_unique<ModelInUnits>(*made.fitted, units);
  return made;
}

/// The last one as the newest; the oldest leave. Two pairs at one point would make the fit singular.
void keep(ChainState& state, const std::vector<KnownPoint>& points) {
  std::vector<KnownPoint> fresh;
  for (const KnownPoint& point : points) {
    bool there = false;
    for (Index i = 0; i < state.thetas.cols(); ++i)
      there = there || holds_for_all(point.theta->size(), state.thetas.col(i) == *point.theta);
    for (const KnownPoint& other : fresh)
      there = there || holds_for_all(point.theta->size(), *other.theta == *point.theta);
    if (!there) fresh.push_back(point);
  }
  const auto come = std::min<Index>(std::ssize(fresh), ChainTrack::most_kept);
  const Index stay = std::min(state.thetas.cols(), ChainTrack::most_kept - come);
  const auto append = [&](Matrix& rows, const Vector* KnownPoint::*part) {
    Matrix all(state.theta.size(), stay + come);
    if (stay > 0) all.leftCols(stay) = rows.rightCols(stay);
    for (Index i = 0; i < come; ++i)
      all.col(stay + i) = *(fresh[fresh.size() - static_cast<std::size_t>(come - i)].*part);
    rows = std::move(all);
  };
  append(state.thetas, &KnownPoint::theta);
  append(state.gradients, &KnownPoint::gradient);
}

/// From the pairs around a point: the mean curvature, or, where it is next to nothing, its size.
double curvature_at(const KnownPoint& start, const std::vector<KnownPoint>& around) {
  double along = 0.0;
  double steps = 0.0;
  double changes = 0.0;
  for (const KnownPoint& point : around) {
    const Vector step = *point.theta - *start.theta;
    const Vector change = *point.gradient - *start.gradient;
    along += dot(step, change);
    steps += squared_norm(step);
    changes += squared_norm(change);
  }
  if (!(steps > 0.0)) return 0.0;
  return along > 0.1 * std::sqrt(steps * changes) ? along / steps : std::sqrt(changes / steps);
}

}  // namespace

std::shared_ptr<const Optimizer> ChainTrack::optimizer(const ChainState& state) const {
  auto adam = std::make_shared<Adam>(Adam::Options{.learning_rate = state.rate, .epsilon = state.epsilon});
  if (bounds_.none()) return adam;
  return std::make_shared<Projected>(std::move(adam), bounds_);
}

/// A true step, with moments that know nothing yet.
void ChainTrack::set_out(ChainState& state, const KnownPoint& from) const {
  state.theta = *from.theta;
  keep(state, {from});
  const auto adam = optimizer(state);
  state.optimizer = adam->initial_state(state.theta.size());
  adam->step(state.theta, *from.gradient, state.optimizer);
  state.replay = ReplayState();
  state.replay.reach = 1;
  state.lowest = std::numeric_limits<double>::infinity();
}

void ChainTrack::begin(ChainState& state, const KnownPoint& start,
                       const std::vector<KnownPoint>& around) const {
  state = ChainState();
  state.theta = *start.theta;
  keep(state, around);
  const auto d = static_cast<double>(whole_length(state.theta.size()));
  const double slope = sum(start.gradient->cwiseAbs()) / d;
  const double extent = norm(*start.theta) / std::sqrt(d) + 0.1;
  state.rate = std::min(first_share * slope / (curvature_at(start, around) + tiny), most_of_start * extent);
  set_out(state, start);
}

void ChainTrack::move(ChainState& state, const KnownPoint& to) const {
  state.rate *= 0.5;
  set_out(state, to);
}

ChainPoints ChainTrack::plan(const ChainState& state, Index count) const {
  ChainPoints round{{0}, {}};
  const Prediction prediction = prediction_from(state, units_);
  if (prediction.model) {
    const Index reach = std::max(state.replay.reach, count - 1);
    round.depths = count == 2 ? std::vector<Index>{0, reach} : evaluated_depths(count, reach);
  }
  // They leave with the other points of the round.
  const auto wait = [](const std::shared_ptr<const Vector>&) {};
  round.points = walk_chain(
                     state.theta, state.optimizer, [&] { return prediction.model.get(); }, *optimizer(state),
                     round.depths, false, wait)
                     .points;
  round.depths.resize(round.points.size());
  return round;
}

void ChainTrack::take_in(ChainState& state, const ChainPoints& round,
                         const std::vector<Evaluation>& truth) const {
  std::vector<bool> usable;
  std::vector<KnownPoint> found;
  state.lowest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    usable.push_back(is_usable(truth[i]));
    if (!usable.back()) continue;
    found.push_back({round.points[i].get(), &truth[i].gradient});
    state.lowest = std::min(state.lowest, truth[i].value);
  }
  keep(state, found);
  if (truth.empty() || !usable.front()) {  // back to where F could be evaluated, and on in shorter steps
    const Vector theta = state.thetas.rightCols(1);
    const Vector gradient = state.gradients.rightCols(1);
    move(state, {&theta, &gradient});
    return;
  }
  const Index rounds = state.replay.guard_values.size();
  const double value = truth.front().value;
  const bool rose = rounds > 0 && value >= state.replay.guard_values[rounds - 1];
  const double ceiling = state.replay.raise_guard(value, guard_window);
  const Prediction prediction = prediction_from(state, units_);
  const Index entries = bounds_.none() ? static_cast<Index>(std::ssize(found)) : 0;
  const ReplayResult result = replay(state.theta, state.optimizer, prediction.model.get(), *optimizer(state),
                                     {round.depths, truth, usable, ceiling, tolerance, entries, bounds_});
  state.replay.reach =
      next_reach(state.replay.reach, {std::ssize(round.depths), longest_reach, tolerance}, result);
  if (state.replay.reach >= longest_reach) {
    state.rate *= 2.0;
    state.replay.reach /= 2;
  }
  if (rose) state.rate *= after_a_rise;
}

bool ChainTrack::overtakes(const ChainState& state, double value) {
  constexpr Index looks_back = 3;  // rounds, and as many ahead
  const Vector& values = state.replay.guard_values;
  const Index newest = values.size() - 1;
  const Index rounds = std::min(looks_back, newest);
  if (rounds < 1) return false;
  const double fall = (values[newest - rounds] - values[newest]) / static_cast<double>(rounds);
  return state.lowest - value < looks_back * fall;
}

}  // namespace optex
