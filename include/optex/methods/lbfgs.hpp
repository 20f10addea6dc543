#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/lbfgs_steps.hpp"
#include "optex/methods/method.hpp"

#include <cstdint>
#include <vector>

namespace optex {

/// Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, 2006, algorithms 7.4 and 7.5) with a line
/// search for the strong Wolfe conditions: what a user of a smooth problem with exact gradients would pick
/// instead of OptEx. Its matrix starts from a diagonal that is learnt (learnt_diagonal.hpp) where that tells
/// more than a multiple of I.
///
/// A round is one evaluation: the first one at the start, then one of the line search each. theta is the last
/// point that a line search accepted; value and gradient norm of a round are those at theta after it.
///
/// In a box it is L-BFGS-B (box_step.hpp): the Cauchy point decides which limits hold, the model's minimum
/// over the other coordinates is brought into the box, and the line search on the way there goes at most as
/// far as the box does. Where no limit is near these are the same steps, bit for bit, as without a box.
///
/// A line search that fails goes on from the best point that it saw, else from theta, along the steepest
/// descent and without memory; when that fails too the run is over. Memory: 2 m + 8 rows of d, in a box 6
/// more. Cost of a round: at most 4 m d + 25 d multiplications; in a box 4 m^2 d more where a limit holds,
/// else half of that.
class Lbfgs final : public Method {
 public:
  struct Options {
    Index memory = 10;  ///< m: pairs that are remembered
    Bounds bounds = {};
    std::uint64_t seed = 0;
  };
  Lbfgs(Evaluator& evaluator, Options options)
      : evaluator_(evaluator), options_(options), steps_(options.bounds) {}

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  std::optional<Ending> finished(const RunState& run) const override;
  bool stands_at_best(const RunState&) const override { return true; }

 private:
  void take_in(RunState& run, const Vector& trial, std::vector<Evaluation>& truth,
               IterationReport& report) const;

  Evaluator& evaluator_;
  Options options_;
  LbfgsSteps steps_;
};

}  // namespace optex
