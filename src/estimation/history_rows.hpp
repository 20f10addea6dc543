#pragma once

#include "optex/core/large_buffer.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/row_products.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <algorithm>
#include <vector>

#include "tile_kernels.hpp"

namespace optex {

/// Hands the rows to `use` as what they are stored in: const double* or const float*.
template <class Use>
decltype(auto) GradientHistory::with_rows(Use use) const {
  if (precision_ == Precision::f32) return use(static_cast<const float*>(rows_.data()));
  return use(static_cast<const double*>(rows_.data()));
}
template <class Use>
decltype(auto) GradientHistory::with_rows(Use use) {
  if (precision_ == Precision::f32) return use(static_cast<float*>(rows_.data()));
  return use(static_cast<double*>(rows_.data()));
}

inline void write_row(const double* from, double* to, Index size) { std::copy_n(from, size, to); }
inline void write_row(const double* from, float* to, Index size) { tile::narrow(from, to, size); }

/// One tile of a pair as it is stored: theta / scale (less the origin in single precision), scale gradient.
template <class T>
void GradientHistory::write_tile(Index tile, const double* theta, const double* gradient, const Units& units,
                                 bool as_stored, T* theta_row, T* gradient_row) const {
  const Index first = tile * width_, size = tile_size(tile);
  double x[tile::width], g[tile::width];
  std::copy_n(theta + first, size, x);
  std::copy_n(gradient + first, size, g);
  if (const double* const scale = units.scale())
    for (Index c = 0; c < size; ++c) {
      x[c] /= scale[first + c];
      g[c] *= scale[first + c];
    }
  if (precision_ == Precision::f32 && !as_stored)
    for (Index c = 0; c < size; ++c) x[c] -= origin_[first + c];
  write_row(g, gradient_row, size);
  write_row(x, theta_row, size);
}

/// The rows of one tile as doubles: the stored ones themselves, or copies of them that are made at most once.
class WideRows {
 public:
  explicit WideRows(Index rows) : made_(static_cast<std::size_t>(rows), false) {}

  const double* row(Index, const double* stored, Index) { return stored; }
  const double* row(Index number, const float* stored, Index size) {
    thread_local std::vector<double> copies;
    const std::size_t needed = made_.size() * static_cast<std::size_t>(tile::width);
    if (copies.size() < needed) copies.resize(needed);
    double* const copy = copies.data() + number * tile::width;
    if (!made_[static_cast<std::size_t>(number)]) tile::widen(stored, copy, size);
    made_[static_cast<std::size_t>(number)] = true;
    return copy;
  }

  /// Rows from `number` on are about to be others.
  void forget(Index number) { std::fill(made_.begin() + number, made_.end(), false); }

 private:
  std::vector<bool> made_;
};

/// The rows of one kind in a part of a tile, oldest entry first, as core/row_products wants them: doubles,
/// whole lanes long, filled up with rows of zeros. In memory of its own where they do not stand so.
class PartRows {
 public:
  /// stored(age): the numbers of an entry there, `size` of them. From `copied` on all entries are copied:
  /// rows that are read again and again should lie close together.
  template <class Stored>
  void take(Index entries, Index copied, Index size, Stored stored) {
    entries_ = entries;
    size_ = size;
    const std::size_t needed = sizeof(double) * static_cast<std::size_t>((entries + 1) * stride);
    if (room_.size() < needed) room_ = LargeBuffer(needed);
    rows_.assign(static_cast<std::size_t>(entries + row_group - 1), place(entries));  // zeros: never written
    for (Index age = 0; age < entries; ++age)
      rows_[static_cast<std::size_t>(age)] = take(stored(age), place(age), age >= copied);
  }

  /// Each becomes its change since the entry before, the oldest 0. All of them must have been copied.
  void become_steps() {
    for (Index age = entries_ - 1; age > 0; --age)
      tile::subtract(place(age), place(age - 1), place(age), size_);
    std::fill_n(place(0), size_, 0.0);
  }

  Index length() const { return filled_up(size_, row_lanes); }
  RowList all() const { return {rows_.data(), filled_up(entries_, row_group)}; }
  RowList newest(Index count) const {
    return {rows_.data() + (entries_ - count), filled_up(count, row_group)};
  }

 private:
  // An odd line at the end keeps places from falling into the same few sets of the cache.
  static constexpr Index stride = tile::part + row_lanes;

  double* place(Index row) { return static_cast<double*>(room_.data()) + row * stride; }
  const double* take(const double* stored, double* room, bool copied) {
    if (!copied && size_ == length()) return stored;
    std::copy_n(stored, size_, room);
    return filled_to_lanes(room);
  }
  const double* take(const float* stored, double* room, bool) {
    tile::widen(stored, room, size_);
    return filled_to_lanes(room);
  }
  const double* filled_to_lanes(double* room) const {
    std::fill(room + size_, room + length(), 0.0);
    return room;
  }

  Index entries_ = 0, size_ = 0;
  LargeBuffer room_;
  std::vector<const double*> rows_;
};

/// |x + origin|^2; origin may be null.
inline double squared_norm_at(const double* x, const double* origin, Index size) {
  double at[tile::width];
  for (Index c = 0; c < size; ++c) at[c] = origin == nullptr ? x[c] : origin[c] + x[c];
  return squared_norm(at, size);
}

}  // namespace optex
