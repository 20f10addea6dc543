#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/learnt_diagonal.hpp"
#include "optex/methods/line_search.hpp"
#include "optex/methods/secant_pairs.hpp"

#include <utility>

namespace optex {

/// What L-BFGS keeps between two evaluations, wherever that is.
struct LbfgsParts {
  Vector& theta;  ///< the last point that a line search accepted, d
  SecantPairs& secants;
  LearntDiagonal& diagonal;
  Vector& base_gradient;  ///< at theta; empty before the first evaluation
  double& base_value;     ///< at theta
  Vector& direction;      ///< of the line search, d
  LineSearch& line_search;
  double& best_value;  ///< the smallest F that it saw, where, and the gradient there
  Vector& best_theta;
  Vector& best_gradient;
};

/// L-BFGS between two evaluations: says where it wants to know F, and takes that in (lbfgs.hpp).
class LbfgsSteps {
 public:
  /// learns_diagonal: else the matrix is built from multiples of I, as in textbooks.
  explicit LbfgsSteps(Bounds bounds, bool learns_diagonal = true)
      : bounds_(std::move(bounds)), learns_diagonal_(learns_diagonal) {}

  /// The start (theta) while the search is idle, then its points, until its phase says that it is over.
  Vector next_point(ConstVectorRef theta, const Vector& direction, const LineSearch& search) const;
  /// What was found at that point; true when theta moved. The first point must be usable.
  bool take_in(const LbfgsParts& run, const Vector& point, const Evaluation& found, bool usable) const;

 private:
  bool advance(const LbfgsParts& run, const Vector& trial, const Evaluation& truth, bool usable) const;
  void move_to(const LbfgsParts& run, ConstVectorRef theta, double value, ConstVectorRef gradient) const;
  bool choose_direction(const LbfgsParts& run, const Vector& steepest) const;
  void begin_search(const LbfgsParts& run) const;
  double first_step(const LbfgsParts& run) const;

  Bounds bounds_;
  bool learns_diagonal_;
};

}  // namespace optex
