#pragma once

#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/run_state.hpp"

#include <vector>

namespace optex {

/// By what lbfgs and surrogate, which no unit of F should matter to, divide F and its gradients before they
/// enter the mathematics: 1, but where the first ones (`truth`, of which the usable count) are so large or so
/// small that products of several would leave the range of numbers, beyond 2^100 or 2^-100; there it is the
/// power of two next below the largest. A power of two changes no digit: F in any such unit takes the same
/// route. Kept in BestPoint::unit.
double value_unit_of(const std::vector<Evaluation>& truth);

/// While it lives, the truth of a round and the best point of the run are those of F / BestPoint::unit.
/// What a method keeps for itself is always of that; the best point between rounds, reports and errors are of
/// F. Cost: nothing where the unit is 1, else a pass over each gradient.
class InValueUnit {
 public:
  InValueUnit(RunState& run, std::vector<Evaluation>& truth);
  ~InValueUnit();
  InValueUnit(const InValueUnit&) = delete;
  InValueUnit& operator=(const InValueUnit&) = delete;

 private:
  RunState& run_;
};

}  // namespace optex
