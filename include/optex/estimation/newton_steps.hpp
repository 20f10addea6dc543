#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/history_in_units.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/kernels/matern.hpp"

namespace optex {

/// Newton steps on the posterior mean about a point b with true gradient g_b. With A^-1 freed of constants
/// (Q), C = Q (R - gamma X) and B_i = k'(|b - theta_i|^2 / l^2) / l^2 (b - theta_i), the mean's Jacobian at b
/// is
///   J = gamma I + C'B,  of rank n beyond the multiple of I, so by Woodbury with h = gamma + damping
///   -(J + damping I)^-1 g_b = -(g_b - C' (I + B C'/h)^-1 B g_b / h) / h.
/// Everything but the step itself is n x n: B C' and B g_b come from inner products. Setting up reads the
/// history three times, a step once.
class NewtonSteps {
 public:
  /// `posterior` must be fitted to `history`, as it looks in its units, with this kernel and the constant
  /// prior mean. b, g_b, of length d, and the steps are in these units.
  NewtonSteps(const Posterior& posterior, const HistoryInUnits& history, const Matern52& kernel,
              ConstVectorRef b, ConstVectorRef gradient_at_b);

  /// The step of length d; entries are not finite when the system is singular.
  Vector step(double damping) const;

 private:
  const Posterior& posterior_;
  HistoryInUnits history_;
  Vector gradient_;            // g_b
  Vector slopes_on_gradient_;  // B g_b, n
  Matrix slopes_on_mean_;      // B C', n x n
};

}  // namespace optex
