#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"

#include <cstdint>

namespace optex {

/// Anderson acceleration, type II (Anderson 1965; Walker and Ni, SIAM J. Numer. Anal. 49, 2011), of gradient
/// descent as a fixed-point map, G(theta) = P(theta - rate grad F), P the projection onto the bounds.
///
/// With residuals f = G(theta) - theta and the last m differences of iterates X and residuals R:
///   theta <- theta + f - (X + R) a,   a = argmin |f - R a|
/// by a QR factorisation of R with columns of unit length, the newest first: the oldest ones are dropped as
/// soon as the condition number would exceed 1e8. One evaluation a round.
///
/// Safeguards: a combination that leads uphill, as it does where F is concave, is not tried; the plain step
/// is taken instead. A combination at which neither F nor |f| has fallen, or which cannot be evaluated, is
/// taken back: the plain step from the iterate before replaces it, and the memory is emptied. Plain steps are
/// always kept, as gradient descent does. The answer is the better of the last iterate and the best evaluated
/// point. Memory: 3 m + 6 rows of d; cost of a round: m^2 d multiplications.
class Anderson final : public Method {
 public:
  struct Options {
    double learning_rate = 1e-3;
    Index memory = 10;  ///< m
    Bounds bounds = {};
    std::uint64_t seed = 0;
  };
  Anderson(Evaluator& evaluator, Options options) : evaluator_(evaluator), options_(options) {}

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  std::optional<Ending> finished(const RunState& run) const override;
  bool stands_at_best(const RunState&) const override { return true; }

 private:
  Vector residual(ConstVectorRef theta, ConstVectorRef gradient) const;
  void book(RunState& run, const Evaluation& found, bool usable, IterationReport& report) const;
  static void take_back(RunState& run, const Vector& base_residual);
  void extrapolate(RunState& run, const Evaluation& found, const Vector& now,
                   const Vector& base_residual) const;

  Evaluator& evaluator_;
  Options options_;
};

}  // namespace optex
