#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/types.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace optex {

/// A point of a round that was broken off, and what is known there.
struct FinishedPoint {
  Index submission = 0;    ///< position in its round
  std::uint64_t mark = 0;  ///< mark_of() it; 0 from evaluators that do not know it
  Evaluation evaluation;   ///< never a failed one
};

/// Somebody outside wants the run to stop now, not after this round. Nothing more can be asked of the
/// evaluator that throws it: others may still be computing.
struct RoundInterrupted : Error {
  explicit RoundInterrupted(std::vector<FinishedPoint> points)
      : Error(ExitCode::requeue, "the round was broken off"), finished(std::move(points)) {}
  std::vector<FinishedPoint> finished;
};

/// Tells submissions apart: a hash of the key (the same theta has other values under another one) and of at
/// most about 8,192 evenly spread coordinates. Two chains that differ at all differ nearly everywhere.
std::uint64_t mark_of(const SampleKey& key, ConstVectorRef theta);

}  // namespace optex
