#pragma once

#include "optex/core/large_buffer.hpp"
#include "optex/core/reductions.hpp"
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

/// Entries of one part of a tile with their steps, in scratch memory of this thread.
class EntryRows {
  // An odd line at the end keeps places from falling into the same few sets of the cache.
  static constexpr Index place_size = 4 * tile::part + 8;

 public:
  /// Room for so many entries at a time.
  explicit EntryRows(Index places) {
    const std::size_t needed = sizeof(double) * static_cast<std::size_t>(places * place_size);
    if (scratch().size() < needed) scratch() = LargeBuffer(needed);
  }

  /// Puts (a part of) an entry at a place. Without the entry `before` it, or beside it, the steps are 0.
  template <class T>
  tile::PairRow read(Index place, const T* theta, const T* gradient, const tile::PairRow* before,
                     Index size) {
    double* const at = static_cast<double*>(scratch().data()) + place * place_size;
    double *const theta_step = at + 2 * tile::part, *const gradient_step = at + 3 * tile::part;
    const tile::PairRow row{wide(theta, at, size), wide(gradient, at + tile::part, size), theta_step,
                            gradient_step};
    if (before == nullptr) {
      std::fill_n(theta_step, size, 0.0);
      std::fill_n(gradient_step, size, 0.0);
    } else {
      tile::subtract(row.theta, before->theta, theta_step, size);
      tile::subtract(row.gradient, before->gradient, gradient_step, size);
    }
    return row;
  }

 private:
  static LargeBuffer& scratch() {
    thread_local LargeBuffer memory;
    return memory;
  }
  static const double* wide(const double* stored, double*, Index) { return stored; }
  static const double* wide(const float* stored, double* copy, Index size) {
    tile::widen(stored, copy, size);
    return copy;
  }
};

/// |x + origin|^2; origin may be null.
inline double squared_norm_at(const double* x, const double* origin, Index size) {
  double at[tile::width];
  for (Index c = 0; c < size; ++c) at[c] = origin == nullptr ? x[c] : origin[c] + x[c];
  return squared_norm(at, size);
}

}  // namespace optex
