#pragma once

#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"
#include "optex/surrogate/known_part.hpp"
#include "optex/surrogate/model_memory.hpp"
#include "optex/surrogate/pair_memory.hpp"
#include "optex/surrogate/prior_scale.hpp"
#include "optex/surrogate/quadratic_model.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace optex {

struct PlanInput {
  const PairMemory& pairs;
  Index newcomers = 0;                ///< pairs that the last round brought
  const PriorScale* scale = nullptr;  ///< null: no prior
  const KnownPart* known = nullptr;   ///< of the Hessian at b, by the objective; pairs are without it
  ConstVectorRef best_theta;          ///< b, d
  ConstVectorRef best_gradient;       ///< there, where coordinates count
  double radius = std::numeric_limits<double>::infinity();  ///< of trust, in the model's norm
  bool first = false;                                       ///< nothing was ever planned
  bool confident = false;                                   ///< the model has just been right more than once
  Index parallelism = 0;                                    ///< N
  Index points = 0;                                         ///< wanted
  SampleKey key;                                            ///< of this round, for random directions
  ModelRules rules;
};

/// Where the model wants to know F: first the ladder, minimisers of the model within radii of trust, the
/// first of them the one that it believes in; then probes about that one.
struct RoundPlan {
  Matrix steps;               ///< d x points, from b
  std::vector<double> radii;  ///< of the ladder: lengths of its steps in the model's norm
  double predicted = 0.0;     ///< by how much the first of them lowers F
  double newton_fall = 0.0;   ///< by how much Newton's step would, g'B^-1 g / 2: what is left to be gained
  Vector squared_noise;       ///< n: of each pair, as QuadraticModel
  ModelMemory model;          ///< for the next round
};

/// Nothing without pairs, and where numbers left the range that can be computed with.
std::optional<RoundPlan> plan_round(const PlanInput& input, ModelMemory model);

/// Signs that no one can guess: of gradient entry i along random direction `number`.
Vector random_signs(const SampleKey& key, Index number, Index length);

}  // namespace optex
