#pragma once

#include "optex/methods/chain_state.hpp"
#include "optex/methods/learnt_diagonal.hpp"
#include "optex/methods/line_search.hpp"
#include "optex/methods/secant_pairs.hpp"
#include "optex/surrogate/model_memory.hpp"
#include "optex/surrogate/pair_memory.hpp"
#include "optex/surrogate/stencil_choice.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace optex {

/// An L-BFGS that lives beside another method, on evaluations that are made for it.
struct GuardState {
  Vector theta;  ///< d; empty before the first round, with all the rest
  SecantPairs secants;
  LearntDiagonal diagonal;
  Vector base_gradient;
  double base_value = std::numeric_limits<double>::infinity();
  Vector direction;
  LineSearch line_search;
  double best_value = std::numeric_limits<double>::infinity();
  Vector best_theta, best_gradient;
};

/// What method `surrogate` keeps from round to round besides RunState::best.
struct SurrogateState {
  GuardState guard;
  PairMemory pairs;            ///< in the units of the history
  std::int64_t newcomers = 0;  ///< pairs that the last round brought
  ModelMemory model;
  LearntDiagonal diagonal;  ///< from all pairs, in the units of the history
  StencilChoice stencil;
  double first_value = 0.0;                                 ///< F at the start
  double radius = std::numeric_limits<double>::infinity();  ///< of trust
  std::int64_t right_rounds = 0;   ///< in a row in which the model's first choice was as good as promised
  std::int64_t idle_rounds = 0;    ///< in a row without a new best point
  ChainState chain;                ///< of predicted steps, beside the model
  std::int64_t knows_hessian = 0;  ///< 1: the pairs are without what the objective knows

  bool begun() const { return guard.theta.size() > 0; }
  /// What `stencil` chose is there, and both diagonals are whole: false of a state that no program has left.
  bool has_its_prior(Index dimension) const;
};

/// Names every member of `state` for checkpoints: visit(path, member). `at` ends with "/".
template <class State, class Visitor>
void visit_surrogate(State& state, const std::string& at, Visitor& visit) {
  auto& [guard, pairs, newcomers, model, learnt, stencil, first_value, radius, right_rounds, idle_rounds,
         chain, knows] = state;
  static_cast<void>(chain), static_cast<void>(knows), static_cast<void>(guard.diagonal),
      static_cast<void>(learnt);  // by whoever visits the rest: older states have none
  const auto under = [&](const std::string& folder) {
    return [&visit, path = at + folder](const char* name, auto& member) { visit(path + name, member); };
  };
  visit(at + "radius", radius);
  visit(at + "first_value", first_value);
  visit(at + "newcomers", newcomers);
  visit(at + "right_rounds", right_rounds);
  visit(at + "idle_rounds", idle_rounds);
  ModelMemory::fields(model, under("model/"));
  StencilChoice::fields(stencil, under("stencil/"));
  PairMemory::fields(pairs, under("pairs/"));
  auto& [theta, secants, diagonal, base_gradient, base_value, direction, line_search, best_value, best_theta,
         best_gradient] = guard;
  const std::string in_guard = at + "guard/";
  visit(in_guard + "theta", theta);
  visit(in_guard + "base_gradient", base_gradient);
  visit(in_guard + "base_value", base_value);
  visit(in_guard + "direction", direction);
  visit(in_guard + "best_value", best_value);
  visit(in_guard + "best_theta", best_theta);
  visit(in_guard + "best_gradient", best_gradient);
  visit_secants(secants, in_guard + "secants/", visit);
  visit_line_search(line_search, in_guard + "line_search/", visit);
}

}  // namespace optex
