#include "coordinate_sample.hpp"

#include <algorithm>

namespace optex {
namespace {

constexpr Index most_runs = 8;
constexpr Index least_reaches = 16;  // in a run, so that most neighbours are in it

}  // namespace

CoordinateSample::CoordinateSample(Index length, Index reach) : whole_(length), run_length_(length) {
  const Index least_run = least_reaches * std::max<Index>(reach, 1);
  if (length <= enough || least_run > enough) return;
  runs_ = std::min(most_runs, enough / least_run);
  run_length_ = enough / runs_;
}

Index CoordinateSample::begin_of(Index run) const {
  return runs_ == 1 ? 0 : run * ((whole_ - run_length_) / (runs_ - 1));
}

void CoordinateSample::copy(const double* row, double* to) const {
  for (Index run = 0; run < runs_; ++run) to = std::copy_n(row + begin_of(run), run_length_, to);
}

Vector CoordinateSample::of(const Vector& vector) const {
  if (is_all() || vector.size() == 0) return vector;
  Vector some(length());
  copy(vector.data(), some.data());
  return some;
}

WeightedPairs CoordinateSample::of(WeightedPairs pairs, Matrix& room) const {
  if (is_all()) return pairs;
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

}  // namespace optex
