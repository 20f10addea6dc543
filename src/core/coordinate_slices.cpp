#include "optex/core/coordinate_slices.hpp"

#include <algorithm>

namespace optex {
namespace {

constexpr Index shortest_segment = Index{1} << 16;
constexpr Index most_segments = 256;

thread_local CoordinateSlices* in_use = nullptr;

}  // namespace

Index segment_length(Index whole) {
  constexpr Index largest_at_once = shortest_segment * most_segments;
  return shortest_segment * std::max<Index>(1, (whole + largest_at_once - 1) / largest_at_once);
}

Index segment_count(Index whole) { return std::max<Index>(1, whole / segment_length(whole)); }

std::vector<Slice> cut_into_slices(Index whole, Index holders) {
  const Index length = segment_length(whole), segments = segment_count(whole);
  const Index parts = std::clamp<Index>(holders, 1, segments);
  std::vector<Slice> slices;
  for (Index part = 0; part < parts; ++part) {
    const Index first = part * segments / parts * length;
    const Index end = part + 1 == parts ? whole : (part + 1) * segments / parts * length;
    slices.push_back({first, end - first});
  }
  return slices;
}

SlicesInUse::SlicesInUse(CoordinateSlices* slices) : before_(in_use) { in_use = slices; }
SlicesInUse::~SlicesInUse() { in_use = before_; }

CoordinateSlices* slices_of(Index size) {
  return in_use != nullptr && in_use->mine().size == size ? in_use : nullptr;
}

Index whole_length(Index size) {
  const CoordinateSlices* const slices = slices_of(size);
  return slices == nullptr ? size : slices->whole();
}

Index first_coordinate(Index size) {
  const CoordinateSlices* const slices = slices_of(size);
  return slices == nullptr ? 0 : slices->mine().first;
}

bool holds_for_all(Index size, bool holds_here) {
  CoordinateSlices* const slices = slices_of(size);
  if (slices == nullptr) return holds_here;
  const Index segments = std::max<Index>(1, size / segment_length(slices->whole()));  // of this slice
  const std::vector<double> exceptions(static_cast<std::size_t>(segments), holds_here ? 0.0 : 1.0);
  double total = 0.0;
  slices->add_up(exceptions, 1, &total);
  return total == 0.0;
}

}  // namespace optex
