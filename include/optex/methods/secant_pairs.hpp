#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <string>

namespace optex {

/// The last m pairs of a step of the iterate and the change that came with it: all that quasi-Newton methods
/// and Anderson acceleration remember. Memory: 2 m d doubles.
struct SecantPairs {
  Matrix steps;             ///< d x m, in the order of their slots
  Matrix changes;           ///< d x m: of the gradient, or of the residual
  std::int64_t pushed = 0;  ///< pairs that ever entered
  std::int64_t kept = 0;    ///< how many of the newest count

  SecantPairs() = default;
  SecantPairs(Index dimension, Index capacity)
      : steps(Matrix::Zero(dimension, capacity)), changes(Matrix::Zero(dimension, capacity)) {}

  Index size() const { return static_cast<Index>(kept); }
  /// Column of a pair by age, 0 the newest. Requires 0 <= age < size().
  Index slot(Index age) const { return static_cast<Index>((pushed - 1 - age) % steps.cols()); }
  auto step(Index age) const { return steps.col(slot(age)); }
  auto change(Index age) const { return changes.col(slot(age)); }

  /// step, change: length d. The oldest pair leaves when all slots are taken.
  void push(ConstVectorRef step, ConstVectorRef change) {
    const auto capacity = static_cast<std::int64_t>(steps.cols());
    const auto column = static_cast<Index>(pushed++ % capacity);
    steps.col(column) = step;
    changes.col(column) = change;
    kept = kept < capacity ? kept + 1 : capacity;
  }
  /// Forgets the older ones.
  void keep_newest(Index count) { kept = count; }
};

/// Names every member for checkpoints: visit(path, member). `at` ends with "/".
template <class Pairs, class Visitor>
void visit_secants(Pairs& pairs, const std::string& at, Visitor& visit) {
  auto& [steps, changes, pushed, kept] = pairs;
  visit(at + "steps", steps);
  visit(at + "changes", changes);
  visit(at + "pushed", pushed);
  visit(at + "kept", kept);
}

}  // namespace optex
