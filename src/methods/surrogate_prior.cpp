#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"
#include "optex/methods/surrogate.hpp"
#include "optex/methods/surrogate_state.hpp"
#include "optex/surrogate/known_part.hpp"
#include "optex/surrogate/stencil_choice.hpp"
#include "optex/surrogate/stencil_scale.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optex {
namespace {

/// Of the curvature that fits the nearest pairs: less is not known of the rest of the Hessian.
constexpr double least_curvature = 0.01;

}  // namespace

/// K, what the objective knows, in the model's variables z = theta / u and F / c: u_i K_ij u_j / c.
/// Coordinates that are held at a bound, where the mask is 0, have nothing to do with others.
std::optional<KnownPart> Surrogate::known_at(ConstVectorRef position, double value_unit,
                                             const Vector& mask) const {
  if (!options_.known_hessian) return std::nullopt;
  std::vector<HessianEntry> entries = options_.known_hessian(options_.units.step_in_theta(position));
  if (entries.empty()) return std::nullopt;
  check_places(entries, position.size());
  for (const HessianEntry& entry : entries)
    if (!std::isfinite(entry.value))
      throw InfeasiblePoint("known_hessian: the entry in row " + std::to_string(entry.row) + ", column " +
                            std::to_string(entry.column) + " is not finite");
  const double* const unit = options_.units.scale();
  for (HessianEntry& entry : entries) {
    if (unit != nullptr) entry.value *= unit[entry.row] * unit[entry.column];
    entry.value /= value_unit;
    const bool is_held = mask.size() > 0 && mask[entry.row] * mask[entry.column] == 0.0;
    if (is_held && entry.row != entry.column) entry.value = 0.0;
  }
  return KnownPart(entries, position.size());
}

/// Pairs that are kept without a part that nobody knows any more contradict all that come, and so do those
/// with a part that is known now: they are forgotten.
void Surrogate::heed_known(RunState& run) const {
  if (!run.surrogate.begun()) return;
  SurrogateState& state = *run.surrogate;
  if (!options_.known_hessian && state.knows_hessian == 0) return;
  const Vector best = options_.units.position(run.best.theta);
  const bool knows = known_at(best, run.best.unit, Vector()).has_value();
  if (knows == (state.knows_hessian != 0)) return;
  state.knows_hessian = knows ? 1 : 0;
  if (state.pairs.size() == 0) return;
  state.pairs = PairMemory(options_.history, best);
  state.pairs.count_only(counting(run));
  state.newcomers = 0;
  state.stencil = {};
  state.model.forget();
  state.diagonal.forget();
}

/// y - K(m) s, with m the middle of the pair: what the rest of F changed. True where something was known.
/// Pairs at whose middle, where F was not asked for, K has no finite value, or whose change then has no
/// finite square, are left out.
bool Surrogate::leave_known_out(std::vector<SecantPair>& pairs, double value_unit) const {
  if (!options_.known_hessian) return false;
  bool knows = false;
  for (SecantPair& pair : pairs) {
    std::optional<KnownPart> known;
    try {
      known = known_at(pair.middle, value_unit, Vector());
    } catch (const InfeasiblePoint&) {
      pair.change.setConstant(std::numeric_limits<double>::quiet_NaN());
    }
    if (known) pair.change -= known->times(pair.step);
    knows = knows || known.has_value();
  }
  std::erase_if(pairs, [](const SecantPair& pair) { return !std::isfinite(squared_norm(pair.change)); });
  return knows;
}

/// K + shift I, or what the pairs say: a stencil, or the diagonal that was learnt.
std::unique_ptr<const PriorScale> Surrogate::prior(const RunState& run, const KnownPart* known) const {
  const SurrogateState& state = *run.surrogate;
  const PairMemory& pairs = state.pairs;
  const Vector best = options_.units.position(run.best.theta);
  if (known == nullptr && state.stencil.chosen == StencilChoice::learnt_diagonal) {
    // Once much is known, what is left of the Hessian has less of the diagonal's spread.
    const bool knows_much = 2 * pairs.size() > pairs.capacity();
    const Vector b = knows_much ? Vector(state.diagonal.entries.cwiseSqrt()) : state.diagonal.entries;
    return std::make_unique<StencilScale>(StencilMatrix{{}, b}, 0.0);
  }
  if (known == nullptr) return prior_scale_at(pairs, best, near_pairs(), state.stencil);
  if (pairs.size() == 0) return nullptr;
  const WeightedPairs near =
      nearest_pairs(pairs, pairs.size(), pairs.squared_distances_to(best), near_pairs());
  return known->scale(least_curvature * std::abs(fitted_multiple(pairs, near)));
}

bool SurrogateState::has_its_prior(Index dimension) const {
  if (!diagonal.is_whole(dimension) || !guard.diagonal.is_whole(dimension)) return false;
  if (stencil.chosen == StencilChoice::learnt_diagonal) return diagonal.pairs > 0;
  return stencil.chosen >= 0 && stencil.chosen <= std::ssize(candidates_of(stencil));
}

}  // namespace optex
