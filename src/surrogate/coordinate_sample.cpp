#include "coordinate_sample.hpp"

#include <algorithm>

namespace optex {
namespace {

constexpr Index most_runs = 8;
constexpr Index least_reaches = 16;  // in a run, so that most neighbours are in it

}  // namespace

CoordinateSample::CoordinateSample(Index size, Index reach) : size_(size) {
  const Index whole = whole_length(size), segments = segment_count(whole), longest = segment_length(whole);
  const Index least_run = least_reaches * std::max<Index>(reach, 1);
  const Index runs = std::min({most_runs, enough / least_run, segments});
  if (whole <= enough || runs == 0 || std::min(enough / runs, longest) < least_run) {
    take_all();
    return;
  }
  const Index run_length = std::min(enough / runs, longest);
  const std::vector<Slice> here = segments_of(size);
  const Index first = first_coordinate(size) / longest;
  for (Index run = 0; run < runs; ++run) {
    const Index segment = (runs == 1 ? 0 : run * (segments - 1) / (runs - 1)) - first;
    if (segment < 0 || segment >= std::ssize(here)) continue;
    segments_.push_back(static_cast<std::size_t>(segment));
    taken_.push_back({here[segments_.back()].first, run_length});
    stretches_.push_back({length(), run_length});
  }
}

void CoordinateSample::take_all() {
  is_all_ = true;
  taken_ = stretches_ = segments_of(size_);
  for (std::size_t i = 0; i < taken_.size(); ++i) segments_.push_back(i);
}

Index CoordinateSample::length() const {
  return stretches_.empty() ? 0 : stretches_.back().first + stretches_.back().size;
}

void CoordinateSample::copy(const double* row, double* to) const {
  for (const Slice& run : taken_) to = std::copy_n(row + run.first, run.size, to);
}

Vector CoordinateSample::of(const Vector& vector) const {
  if (is_all_ || vector.size() == 0) return vector;
  Vector some(length());
  copy(vector.data(), some.data());
  return some;
}

WeightedPairs CoordinateSample::of(WeightedPairs pairs, Matrix& room) const {
  if (is_all_) return pairs;
  const auto count = static_cast<Index>(pairs.steps.size());
  room.resize(length(), 2 * count);
  for (Index i = 0; i < count; ++i) {
    const auto pair = static_cast<std::size_t>(i);
    copy(pairs.steps[pair], room.col(2 * i).data());
    copy(pairs.changes[pair], room.col(2 * i + 1).data());
    pairs.steps[pair] = room.col(2 * i).data();
    pairs.changes[pair] = room.col(2 * i + 1).data();
  }
  return pairs;
}

double CoordinateSample::total(const std::vector<double>& of_stretches) const {
  std::vector<double> of_segments(segments_of(size_).size(), 0.0);
  for (std::size_t i = 0; i < segments_.size(); ++i) of_segments[segments_[i]] = of_stretches[i];
  double sum = 0.0;
  add_up_segments(size_, of_segments, 1, &sum);
  return sum;
}

}  // namespace optex
