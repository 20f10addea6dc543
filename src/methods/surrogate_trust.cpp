#include "optex/methods/surrogate.hpp"
#include "optex/methods/surrogate_state.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "surrogate_plan.hpp"

/// What the truth of a round changes for the next one: how far the model is trusted, and what the chain gets.
namespace optex {
namespace {

constexpr std::int64_t most_losses = 12;  // rounds that a chain loses before it goes on from the best point

}  // namespace

/// The radius of trust for the next round, by what the ladder found.
void Surrogate::judge(SurrogateState& state, const RoundPlan& plan, const std::vector<Evaluation>& truth,
                      const std::vector<bool>& usable, double best_before) const {
  const auto value = [&](std::size_t i) {
    return usable[i] ? truth[i].value : std::numeric_limits<double>::infinity();
  };
  const std::vector<double>& radii = plan.radii;
  if (radii.empty()) return;
  std::size_t winner = 0;
  for (std::size_t i = 1; i < radii.size(); ++i)
    if (value(i) < value(winner)) winner = i;
  const double ratio = (best_before - value(0)) / std::max(plan.predicted, 1e-300);
  const bool widest = radii[winner] >= 0.99 * *std::max_element(radii.begin(), radii.end());
  if (!(value(winner) < best_before)) {
    state.radius = 0.3 * *std::min_element(radii.begin(), radii.end());
    state.right_rounds = 0;
  } else if (ratio > 0.75 && winner == 0) {
    ++state.right_rounds;
    const double kept = radii[0] < 0.9 * state.radius ? state.radius : 0.0;
    state.radius = std::max(kept, (ratio > 0.9 && widest ? 2.0 : 1.0) * radii[0]);
  } else {
    state.radius = radii[winner] * (widest && winner > 0 ? 2.0 : 1.0);
    state.right_rounds = 0;
  }
}

/// What the chain gets in the next round, by who `won` this one.
void Surrogate::share_out(RunState& run, const std::string& won, bool chain_had_points) const {
  using Winner = ChainShare::Winner;
  SurrogateState& state = *run.surrogate;
  ChainShare& share = state.chain.share;
  const bool overtakes = ChainTrack::overtakes(state.chain, run.best.value);
  share.learn({.winner = won.empty()      ? Winner::nobody
                         : won == "guard" ? Winner::guard
                         : won == "chain" ? Winner::chain
                                          : Winner::model,
               .had_points = chain_had_points,
               .overtakes = overtakes,
               .model_is_right = state.right_rounds >= confident_rounds,
               .points_are_dear = options_.parallelism < ChainShare::enough_parallelism,
               .idle_rounds = state.idle_rounds,
               .gradient_norm = options_.bounds.gradient_norm(run.best.theta, run.best.gradient)});
  if (share.losses < most_losses || overtakes) return;
  chain_.move(state.chain, {&run.best.theta, &run.best.gradient});
  share.losses = 0;
}

}  // namespace optex
