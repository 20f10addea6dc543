#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/stencil_fit.hpp"

#include <vector>

namespace optex {

/// All coordinates, or, where a choice needs fewer, some long runs of neighbours, evenly spread: what is next
/// to each other in it is so in theta but where two runs meet.
class CoordinateSample {
 public:
  static constexpr Index enough = 131'072;

  /// reach: the distance of the farthest neighbours that matter.
  CoordinateSample(Index length, Index reach);

  Index length() const { return runs_ * run_length_; }
  bool is_all() const { return length() == whole_; }

  /// Only the sampled entries, one after the other; an empty vector stays empty.
  Vector of(const Vector& vector) const;
  /// The same of each row; its numbers stand in `room` from now on, or, of all coordinates, where they stood.
  WeightedPairs of(WeightedPairs pairs, Matrix& room) const;

 private:
  void copy(const double* row, double* to) const;
  Index begin_of(Index run) const;

  Index whole_, runs_ = 1, run_length_;
};

}  // namespace optex
