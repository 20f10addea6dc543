#pragma once

#include "optex/core/forwarding_objective.hpp"

#include <memory>

namespace optex {

enum class NoiseKind {
  gaussian,   ///< standard deviation sigma
  student_t,  ///< sigma times Student's t: heavy tails, infinite variance for degrees <= 2
  laplace,    ///< density exp(-|x| / sigma) / 2 sigma, standard deviation sqrt(2) sigma
};

struct NoiseOptions {
  NoiseKind kind = NoiseKind::gaussian;
  double sigma = 0.0;    ///< scale of each coordinate's noise; 0 adds none
  double degrees = 3.0;  ///< of freedom; student_t only
};

/// Another objective with independent noise in every coordinate of its gradient, drawn by the key.
///
/// The noise belongs to the gradient of the whole F: shard 0 carries all of it, so the number of shards
/// changes neither its size nor its digits. Values stay exact: the noise stands for what the optimiser feels,
/// and a run is judged (stop rules, gaps, comparisons) by the F that is being minimised; a noisy value would
/// need a scale of its own.
class Noisy final : public ForwardingObjective {
 public:
  /// Throws UsageError unless sigma >= 0 and degrees >= 1, both finite.
  Noisy(std::unique_ptr<const Objective> exact, const NoiseOptions& options);

  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override { return options_.sigma > 0 || inner().is_noisy(); }

 private:
  NoiseOptions options_;
};

}  // namespace optex
