#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace optex {

/// Data parallelism for mini-batches, schedule-free and whitened by how much the workers' gradients disagree.
///
/// State: z (optimizer.moments column 0), v (column 1), x (theta: the answer), a ring of the last centred
/// worker gradients c. A round t = 1, 2, ...:
///   y = (1 - beta1) z + beta1 x;  every point is y, each with its own mini-batch: g_i
///   gbar = mean g_i;  v = beta2 v + (1 - beta2) gbar^2;  D = sqrt(sqrt(v / (1 - beta2^t)) + epsilon)
///   push g_i - gbar into the ring;  u = gbar / D
///   if t > 2 and N > 1: rows R = c / D, S = R R', solve (S + tr(S)/n I) a = R u, u -= R'a
///   z -= rate u / D;  x += min(1, (r0 + 1)/(t + r0)) (z - x)
/// ring = 0 is plain schedule-free data parallelism (Defazio et al. 2024). The reported value is the mean of
/// the mini-batches' values at y. Memory: (ring + 3) d doubles; cost: the ring is read twice, and ring (ring
/// + 1) d operations.
class Whitened final : public Method {
 public:
  struct Options {
    Index parallelism = 4;  ///< N: mini-batches a round
    double learning_rate = 1e-3;
    Index ring = 32;  ///< remembered centred gradients
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    bool any_batch = false;  ///< a round needs one usable gradient, whichever; else the first one
    std::uint64_t seed = 0;
    Bounds bounds = {};  ///< z, x and y are projected
  };

  Whitened(Evaluator& evaluator, Options options);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  /// theta is the mean of the path that the moments hold.
  bool theta_is_free(const RunState&) const override { return false; }

 private:
  std::shared_ptr<const Vector> place(const RunState& run) const;
  std::vector<double*> take_slots(RunState& run, Index count) const;

  Evaluator& evaluator_;
  Options options_;
};

}  // namespace optex
