#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/types.hpp"
#include "optex/surrogate/stencil_fit.hpp"

#include <vector>

namespace optex {

/// All coordinates, or, where a choice needs fewer, the beginnings of some segments, evenly spread over all
/// of theta, of which a rank that holds a slice has those in its own.
class CoordinateSample {
 public:
  static constexpr Index enough = 131'072;

  /// Of vectors of which this thread has `size` entries. reach: the distance of the farthest neighbours that
  /// matter.
  CoordinateSample(Index size, Index reach);

  /// Of sampled vectors: entries, and which of them are neighbours.
  Index length() const;
  const std::vector<Slice>& stretches() const { return stretches_; }

  /// Only the sampled entries, one after the other; an empty vector stays empty.
  Vector of(const Vector& vector) const;
  /// The same of each row; its numbers stand in `room` from now on, or, of all coordinates, where they stood.
  WeightedPairs of(WeightedPairs pairs, Matrix& room) const;

  /// The sum of one number a stretch, over all ranks.
  double total(const std::vector<double>& of_stretches) const;

 private:
  void take_all();
  void copy(const double* row, double* to) const;

  Index size_;
  bool is_all_ = false;
  std::vector<Slice> taken_, stretches_;  // of a row, and the same as they stand one after the other
  std::vector<std::size_t> segments_;     // of which they are
};

}  // namespace optex
