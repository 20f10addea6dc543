#include "optex/estimation/gradient_history.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "history_rows.hpp"

namespace optex {
namespace {

/// The origin follows when the newest point is farther from it than this many times the history's extent.
constexpr double farthest_from_origin = 4.0;

}  // namespace

GradientHistory::GradientHistory(Index dimension, Index capacity, Precision precision)
    : dimension_(dimension),
      capacity_(capacity),
      width_(std::min(tile::width, dimension)),
      precision_(precision) {
  assert(dimension >= 1 && capacity >= 2);
  const std::size_t bytes_a_number = precision == Precision::f32 ? sizeof(float) : sizeof(double);
  rows_ = LargeBuffer(static_cast<std::size_t>(2 * tile_count() * capacity * width_) * bytes_a_number);
  const auto entries = static_cast<std::size_t>(capacity);
  values_.resize(entries);
  squared_theta_norms_.resize(entries);
  squared_gradient_norms_.resize(entries);
  iterations_.resize(entries);
  theta_distances_ = gradient_distances_ = Matrix::Zero(capacity, capacity);
}

Index GradientHistory::tile_size(Index tile) const { return std::min(width_, dimension_ - tile * width_); }

Vector GradientHistory::load(Index kind, Index entry) const {
  Vector row(dimension_);
  with_rows([&](const auto* rows) {
    for (Index tile = 0; tile < tile_count(); ++tile)
      std::copy_n(rows + position(tile, kind, slot(entry)), tile_size(tile), row.data() + tile * width_);
  });
  return row;
}

void GradientHistory::append(const std::vector<NewPair>& pairs, const Units& units) {
  if (pairs.empty()) return;
  if (precision_ == Precision::f32 && origin_.size() == 0) origin_ = units.position(pairs.front().theta);
  const auto count = static_cast<Index>(pairs.size());
  for (Index done = 0; done < count; done += capacity_)
    append_block(pairs.data() + done, std::min(capacity_, count - done), units, false);
  follow_with_origin();
}

void GradientHistory::restore(const Vector& stored_theta, const Vector& gradient, double value,
                              std::int64_t iteration) {
  const NewPair pair{stored_theta, gradient, value, iteration};
  append_block(&pair, 1, {}, true);
}

/// At most `capacity` pairs.
void GradientHistory::append_block(const NewPair* pairs, Index count, const Units& units, bool as_stored) {
  const Index leaving = std::max<Index>(0, size_ + count - capacity_);
  first_ = (first_ + leaving) % capacity_;
  size_ += count - leaving;
  for (Index k = 0; k < count; ++k) {
    assert(pairs[k].theta.size() == dimension_ && pairs[k].gradient.size() == dimension_);
    const auto entry = static_cast<std::size_t>(slot(size_ - count + k));
    values_[entry] = pairs[k].value;
    iterations_[entry] = pairs[k].iteration;
  }
  with_rows([&](auto* rows) {
    parallel_for(tile_count(), 8, [&](Index tile) {
      for (Index k = 0; k < count; ++k) {
        const Index at = slot(size_ - count + k);
        write_tile(tile, pairs[k].theta.data(), pairs[k].gradient.data(), units, as_stored,
                   rows + position(tile, 1, at), rows + position(tile, 0, at));
      }
    });
  });
  measure_newest(count);
}

/// Single precision: keeps the origin near the history. Decided by what is stored, so that a restored history
/// goes the same way.
void GradientHistory::follow_with_origin() {
  if (precision_ != Precision::f32 || size_ < 2) return;
  const Vector newest = load(1, size_ - 1);
  const double extent = by_age(theta_distances_).maxCoeff();
  if (!(squared_norm(newest) > farthest_from_origin * farthest_from_origin * extent) || extent == 0.0) return;
  move_origin(origin_ + newest);
}

/// Rounds every row once more, about the new origin, and measures all pairs again.
void GradientHistory::move_origin(const Vector& origin) {
  auto* const rows = static_cast<float*>(rows_.data());
  parallel_for(tile_count(), 8, [&](Index tile) {
    const Index first = tile * width_, size = tile_size(tile);
    double x[tile::width];
    for (Index age = 0; age < size_; ++age) {
      float* const row = rows + position(tile, 1, slot(age));
      for (Index c = 0; c < size; ++c)
        x[c] = static_cast<double>(row[c]) + (origin_[first + c] - origin[first + c]);
      tile::narrow(x, row, size);
    }
  });
  origin_ = origin;
  measure_newest(size_);
}

Vector GradientHistory::stored_theta(Index entry) const { return load(1, entry); }
Vector GradientHistory::theta(Index entry) const {
  Vector row = load(1, entry);
  if (origin_.size() > 0) row += origin_;
  return row;
}
Vector GradientHistory::gradient(Index entry) const { return load(0, entry); }
double GradientHistory::value(Index entry) const { return values_[static_cast<std::size_t>(slot(entry))]; }
std::int64_t GradientHistory::iteration(Index entry) const {
  return iterations_[static_cast<std::size_t>(slot(entry))];
}

}  // namespace optex
