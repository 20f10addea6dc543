#pragma once

#include "optex/core/types.hpp"
#include "optex/methods/chain_share.hpp"
#include "optex/methods/replay_state.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <limits>

namespace optex {

/// Where a chain of predicted steps beside another method stands.
struct ChainState {
  Vector theta;              ///< d; empty: it has not begun
  OptimizerState optimizer;  ///< Adam's, there
  double rate = 0.0;         ///< length of a step, in every coordinate
  double epsilon = 0.0;      ///< what Adam takes for no gradient: a share of the first ones
  Matrix thetas, gradients;  ///< d x n: what its predictions are made from, oldest first
  ReplayState replay;
  double lowest = std::numeric_limits<double>::infinity();  ///< F of its last points
  ChainShare share;

  bool begun() const { return theta.size() > 0; }

  template <class State, class Visit>
  static void fields(State& state, const Visit& visit) {
    auto& [theta, optimizer, rate, epsilon, thetas, gradients, replay, lowest, share] = state;
    auto& [step, moments] = optimizer;
    visit("theta", theta);
    visit("step", step);
    visit("moments", moments);
    visit("rate", rate);
    visit("epsilon", epsilon);
    visit("thetas", thetas);
    visit("gradients", gradients);
    visit("lowest", lowest);
    ReplayState::fields(replay, visit);
    ChainShare::fields(share, visit);
  }
};

}  // namespace optex
