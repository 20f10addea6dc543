#pragma once

#include "optex/core/objective.hpp"

#include <string>

namespace optex::app {

/// Whether an objective gives the same bits whenever it is asked the same: what "the same numbers on any
/// number of ranks and after any restart" rests on.
struct Repeatability {
  bool again = true;         ///< asked twice in a row
  bool out_of_order = true;  ///< asked after another point, the shards in reverse order
  std::string difference;    ///< the first one that was found, for people; empty when there is none
  Index shards = 0;          ///< so many of them were asked
  Index evaluations = 0;     ///< shard gradients

  bool holds() const { return again && out_of_order; }
};

/// Evaluates at most four shards at theta (length d), the first and the last among them, three times each,
/// and once at a point near by; noisy objectives also under the key of a mini-batch. Failures count as
/// answers: they must be the same. Memory: 8 gradients.
Repeatability probe_repeatability(const Objective& objective, ConstVectorRef theta);

}  // namespace optex::app
