#pragma once

#include "optex/core/objective.hpp"

#include <memory>

namespace optex {

class CosineTransform;

/// x'Ax / 2d with A = C' diag(e) C, C the orthonormal DCT-II and e_i = condition^(-i / (d-1)): a dense
/// quadratic of known condition number whose gradient costs O(d log d). One shard; minimum 0 at 0; start
/// C'(1.5 + sin i).
class Quadratic final : public Objective {
 public:
  /// 2 <= dimension <= 2^26 and condition >= 1, or UsageError is thrown.
  explicit Quadratic(Index dimension, double condition = 1e4);
  ~Quadratic() override;

  Index dimension() const override { return spectrum_.size(); }
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                            VectorRef gradient) const override;

 private:
  Vector spectrum_;  // e_i
  std::unique_ptr<const CosineTransform> transform_;
};

}  // namespace optex
