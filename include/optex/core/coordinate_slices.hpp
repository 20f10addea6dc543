#pragma once

#include "optex/core/types.hpp"

#include <string>
#include <vector>

/// Long vectors of which every rank holds only a slice.
///
/// Code that works coordinate by coordinate needs to know nothing of it; sums over all coordinates are made
/// by all ranks together (sum_over_coordinates()), in an order that does not depend on how many there are.
namespace optex {

/// Sums over the coordinates of a vector are made segment by segment, and these are added up in their order:
/// what the digits depend on. A multiple of 65,536 coordinates, such that there are at most 256 segments; the
/// last one takes the rest as well.
Index segment_length(Index whole);
Index segment_count(Index whole);

/// Neighbouring coordinates.
struct Slice {
  Index first = 0, size = 0;
};

/// Whole segments for each of at most `holders` ranks, as even as can be; fewer when there are fewer
/// segments.
std::vector<Slice> cut_into_slices(Index whole, Index holders);

/// What all ranks that hold slices do next, on rank 0's word.
enum class JointStep { begin, iterate, finished, save, restore, answer, collected, broken };

/// The ranks that hold the slices of one run's vectors. All calls but call() are made by all of them
/// together, in the same order, with vectors of the same meaning. Throws StallError when one is silent.
class CoordinateSlices {
 public:
  virtual ~CoordinateSlices() = default;

  virtual Index whole() const = 0;
  virtual Slice mine() const = 0;
  /// Rank 0, which holds the first slice.
  bool is_first() const { return mine().first == 0; }

  /// totals_k = sum over the segments of all ranks, in their order, of segments_sk. segments: this rank's,
  /// `width` numbers each; totals: `width` numbers, the same on all ranks.
  virtual void add_up(const std::vector<double>& segments, Index width, double* totals) = 0;
  /// On rank 0 the whole of a vector of which each rank has its slice; empty on the others.
  virtual Vector gather(ConstVectorRef slice) = 0;
  /// This rank's slice of rank 0's vector, which the others leave empty.
  virtual Vector scatter(ConstVectorRef whole) = 0;
  /// Rank 0's text on every rank.
  virtual std::string share(const std::string& text) = 0;

  /// Rank 0 only, while the others wait for it: has them take this step with it.
  virtual void call(JointStep step) = 0;
};

/// While this object lives, vectors of slices->mine().size() entries are slices to this thread, and sums over
/// them are made together with the other ranks. Null: they are what they are, as without this object. The
/// slices of all ranks must be longer than any other vector that is summed (a slice of a vector of more than
/// 65,536 coordinates has as many at least).
class SlicesInUse {
 public:
  explicit SlicesInUse(CoordinateSlices* slices);
  ~SlicesInUse();
  SlicesInUse(const SlicesInUse&) = delete;
  SlicesInUse& operator=(const SlicesInUse&) = delete;

 private:
  CoordinateSlices* before_;
};

/// The slices in use when a vector of so many entries is one of them; else null.
CoordinateSlices* slices_of(Index size);

/// Of a vector of which this thread has so many entries: the length of the whole, and its first coordinate
/// here.
Index whole_length(Index size);
Index first_coordinate(Index size);
/// The segments of a vector of which this thread has so many entries, by their places here.
std::vector<Slice> segments_of(Index size);
/// The length of the shortest of all its segments, whoever holds them.
Index shortest_segment_of(Index size);
/// totals_k = sum over the segments of all ranks, in their order, of values_sk. values: `width` numbers for
/// each of segments_of(size).
void add_up_segments(Index size, const std::vector<double>& values, Index width, double* totals);
/// True when it is so for all slices of a vector of which this thread has so many entries.
bool holds_for_all(Index size, bool holds_here);

}  // namespace optex
