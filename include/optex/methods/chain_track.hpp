#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/units.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/chain_state.hpp"
#include "optex/methods/known_point.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace optex {

/// Points of one round of a chain.
struct ChainPoints {
  std::vector<Index> depths;
  std::vector<std::shared_ptr<const Vector>> points;  ///< fewer where the chain left the finite numbers
};

/// The chain of predicted Adam steps with replay (docs/method.md) beside another method, without a learning
/// rate: the first one follows from the curvature at the start, falls where F rises, and doubles where
/// predictions hold for long. Adam, because what it is for is where gradients say little about lengths.
class ChainTrack {
 public:
  static constexpr Index most_kept = 24;  ///< pairs that it predicts from

  ChainTrack(Bounds bounds, Units units) : bounds_(std::move(bounds)), units_(std::move(units)) {}

  /// Begins at `start` with what is known around it.
  void begin(ChainState& state, const KnownPoint& start, const std::vector<KnownPoint>& around) const;
  /// Goes on from another point, with half the rate.
  void move(ChainState& state, const KnownPoint& to) const;
  /// The next `count` >= 1 points. Cost: some n^2 d operations and a pass over 2 n d numbers for each step.
  ChainPoints plan(const ChainState& state, Index count) const;
  /// Walks on with what was found at the points of plan().
  void take_in(ChainState& state, const ChainPoints& round, const std::vector<Evaluation>& truth) const;
  /// Whether it would be below that value in three rounds if F went on to fall as in the last three.
  static bool overtakes(const ChainState& state, double value);

 private:
  std::shared_ptr<const Optimizer> optimizer(const ChainState& state) const;
  void set_out(ChainState& state, const KnownPoint& from) const;

  Bounds bounds_;
  Units units_;
};

}  // namespace optex
