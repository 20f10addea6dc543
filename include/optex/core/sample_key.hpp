#pragma once

#include <cstdint>

namespace optex {

/// Names one random draw of an objective (its mini-batch, its noise). The same key gives the same draw on any
/// rank, in any order, before and after a restart: random numbers are a function of the key, never of a
/// stream.
struct SampleKey {
  std::uint64_t seed = 0;      ///< `run.seed`
  std::int64_t iteration = 0;  ///< sequential iteration (round), from 0
  std::int32_t point = 0;      ///< which evaluation point of the round
  std::int32_t batch = 0;      ///< which mini-batch at that point
  bool whole = false;          ///< all data and no noise: the exact objective, for reporting

  static SampleKey exact() {
    SampleKey key;
    key.whole = true;
    return key;
  }
  friend bool operator==(const SampleKey&, const SampleKey&) = default;
};

}  // namespace optex
