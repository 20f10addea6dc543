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

std::vector<Slice> segments_of(Index size) {
  const Index length = segment_length(whole_length(size));
  const Index count = std::max<Index>(1, size / length);
  std::vector<Slice> segments;
  for (Index i = 0; i < count; ++i)
    segments.push_back({i * length, i + 1 == count ? size - i * length : length});
  return segments;
}

Index shortest_segment_of(Index size) {
  const Index whole = whole_length(size);
  return segment_count(whole) == 1 ? whole : segment_length(whole);
}

void add_up_segments(Index size, const std::vector<double>& values, Index width, double* totals) {
  if (CoordinateSlices* const slices = slices_of(size)) return slices->add_up(values, width, totals);
  std::fill_n(totals, width, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) totals[i % static_cast<std::size_t>(width)] += values[i];
}

bool holds_for_all(Index size, bool holds_here) {
  if (slices_of(size) == nullptr) return holds_here;
  const std::vector<double> exceptions(segments_of(size).size(), holds_here ? 0.0 : 1.0);
  double total = 0.0;
  add_up_segments(size, exceptions, 1, &total);
  return total == 0.0;
}

}  // namespace optex
