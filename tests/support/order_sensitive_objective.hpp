#pragma once

#include "optex/core/objective.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace optex::testing {

/// Shards whose values and gradients differ by many orders of magnitude and cancel: adding them in another
/// order gives other digits almost surely. Throws on one shard when asked to.
class OrderSensitiveObjective : public Objective {
 public:
  OrderSensitiveObjective(Index dimension, Index shards) : dimension_(dimension), shards_(shards) {}

  void fail_on(Index shard, std::int32_t point) {
    failing_shard_ = shard;
    failing_point_ = point;
  }

  Index dimension() const override { return dimension_; }
  Index shard_count() const override { return shards_; }
  bool is_noisy() const override { return true; }
  Vector initial_state() const override { return Vector::Ones(moves_ ? 3 : 0); }
  void renew(ConstVectorRef state) const override { scale_ = state[1]; }
  /// Gives it a state, whose second number multiplies every gradient.
  void move() { moves_ = true; }

  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    if (shard == failing_shard_ && key.point == failing_point_) throw std::runtime_error("broken on purpose");
    const std::uint64_t draw = mix(key.seed ^ mix(static_cast<std::uint64_t>(key.iteration) * 64 +
                                                  static_cast<std::uint64_t>(key.point)));
    for (Index i = 0; i < dimension_; ++i)
      gradient[i] =
          scale_ * theta[i] * wild(mix(draw ^ mix(static_cast<std::uint64_t>(shard * dimension_ + i))));
    return wild(mix(draw + static_cast<std::uint64_t>(shard)));
  }

 private:
  static std::uint64_t mix(std::uint64_t x) {  // splitmix64
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  }
  /// Either sign, magnitude between 2^-20 and 2^20.
  static double wild(std::uint64_t bits) {
    const double mantissa = static_cast<double>(bits >> 11U) * 0x1p-53 - 0.5;
    return std::ldexp(mantissa, static_cast<int>(bits % 41) - 20);
  }

  Index dimension_;
  Index shards_;
  bool moves_ = false;
  mutable double scale_ = 1.0;
  Index failing_shard_ = -1;
  std::int32_t failing_point_ = -1;
};

/// Not equality of numbers but of bits: -0 is not 0, NaN is NaN.
inline bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
inline bool same_bits(const Vector& a, const Vector& b) {
  if (a.size() != b.size()) return false;
  for (Index i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return false;
  return true;
}

}  // namespace optex::testing
