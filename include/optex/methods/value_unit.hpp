#pragma once

#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/run_state.hpp"

#include <vector>

namespace optex {

/// By what lbfgs and surrogate, which no unit of F should matter to, divide F and its gradients before they
/// enter the mathematics: 1, but where those of the start are so large or so small that products of several
/// would leave the range of numbers, beyond 2^100 or 2^-100; there it is the power of two next below the
/// larger. Of the start alone, so that the guard of surrogate takes the steps of lbfgs, whatever stands
/// beside it. A power of two changes no digit: F in any such unit takes the same route. Kept in
/// BestPoint::unit.
double value_unit_of(const Evaluation& start);

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
