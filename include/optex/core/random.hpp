#pragma once

#include "optex/core/sample_key.hpp"

#include <array>
#include <cstdint>

namespace optex {

/// What a random number is for. Two purposes never share numbers, whatever their keys and indices are. The
/// values are part of every result: never renumber them, only add.
enum class Stream : std::uint64_t {
  batch = 1,            ///< which samples make a mini-batch
  noise = 2,            ///< noise added to a gradient
  initial_point = 3,    ///< a random start
  direction = 4,        ///< random directions: probes, gradient checks
  coordinates = 5,      ///< which coordinates distances are measured in
  synthetic_truth = 6,  ///< the answer that a synthetic problem hides
  synthetic_noise = 7,  ///< noise of synthetic measurements
  experience = 8,       ///< what an agent does and where its episodes start
  assessment = 9,       ///< where the episodes start that an agent is judged by
};

/// Random numbers as a pure function of (key, purpose, index): no state, no order, nothing to save in a
/// checkpoint.
///
/// Philox4x64-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011) with
/// key (seed, purpose) and counter (index, iteration, point + 2^32 batch, trial). Every index owns one block
/// of 256 bits per trial, so every distribution may use several words of it; `key.whole` plays no part. All
/// functions of one index are made of the same block: take one kind of number per index.
///
/// bits() and below() are the same on every machine. The others call the C library's log, cos and expm1,
/// whose last digit may differ between C libraries and, for some, between processors with and without fused
/// multiply-add.
class CounterRandom {
 public:
  using Block = std::array<std::uint64_t, 4>;

  CounterRandom(const SampleKey& key, Stream purpose);

  /// The raw output of the generator. `trial` numbers further blocks of the same index.
  Block block(std::uint64_t index, std::uint64_t trial = 0) const;

  /// 64 uniform bits.
  std::uint64_t bits(std::uint64_t index) const { return block(index)[0]; }

  /// Uniform in the open interval (0, 1): an odd multiple of 2^-53, so neither end ever occurs.
  double uniform(std::uint64_t index) const;

  /// Uniform over 0 .. n-1 without bias; n >= 1. Rejects with probability below n / 2^64 and then takes the
  /// next word.
  std::uint64_t below(std::uint64_t index, std::uint64_t n) const;

  /// Standard normal by Box and Muller's sqrt(-2 log u) cos(2 pi v); |value| <= 8.6.
  double normal(std::uint64_t index) const;

  /// Laplace with scale 1: density exp(-|x|)/2, variance 2.
  double laplace(std::uint64_t index) const;

  /// Student's t with `degrees` >= 1 degrees of freedom: sqrt(n (u^(-2/n) - 1)) cos(2 pi v), exact from two
  /// uniforms (Bailey, "Polar generation of random variates with the t-distribution", Math. Comp. 62, 1994,
  /// section 2).
  double student_t(std::uint64_t index, double degrees) const;

 private:
  std::uint64_t seed_, purpose_, iteration_, point_and_batch_;
};

}  // namespace optex
