#include "optex/core/coordinate_slices.hpp"
#include "optex/core/coordinate_sum.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <type_traits>
#include <vector>

#include "history_rows.hpp"

/// The passes over a gradient history, tile by tile.
namespace optex {

/// What one pass does with each tile, in this order; null or empty members are left out.
struct GradientHistory::Sweep {
  const FieldWeights* field = nullptr;
  const double* theta = nullptr;  ///< from where distances are measured, the caller's units
  double* moved_theta = nullptr;  ///< the same vector when it moves
  double* given = nullptr;        ///< instead of the field, d
  const double* scale = nullptr;
  const BlockMove* move = nullptr;
  StepRecord record = {};
  double* distances = nullptr;  ///< n
};

namespace {

/// Vectors from this many coordinates on are written past the caches: nobody reads them before a pass over
/// the history has swept the caches.
constexpr Index past_the_caches = Index{1} << 19;

/// Coordinates of a point as the history stores them: theta / scale - origin.
const double* as_stored(const double* theta, const double* scale, const double* origin, double* scratch,
                        Index size) {
  if (scale == nullptr && origin == nullptr) return theta;
  for (Index c = 0; c < size; ++c) {
    const double position = scale == nullptr ? theta[c] : theta[c] / scale[c];
    scratch[c] = origin == nullptr ? position : position - origin[c];
  }
  return scratch;
}

/// The field on one tile. g: rows by age.
template <class T>
void field_on_tile(const FieldWeights& field, const T* const* g, Index entries, double* sum, Index size) {
  alignas(64) double newest[tile::width] = {};
  if (field.about_newest) std::copy_n(g[entries - 1], size, newest);
  std::copy_n(newest, size, sum);
  tile::add_weighted(g, field.weights.data(), field.about_newest ? entries - 1 : entries, newest, sum, size);
}

}  // namespace

bool GradientHistory::sweep(const Sweep& what) const {
  bool finite = true;
  with_rows([&](const auto* rows) {
    using Row = decltype(rows);
    const bool past_caches = dimension_ >= past_the_caches;
    // True when the moved point is finite there.
    const auto on_tile = [&](Index tile, double* distances) {
      const Index first = tile * width_, size = tile_size(tile);
      const double* const scale = what.scale == nullptr ? nullptr : what.scale + first;
      const double* const origin = origin_.size() == 0 ? nullptr : origin_.data() + first;
      alignas(64) double point[tile::width], own_out[tile::width];
      // In the order in which they are read: gradients, thetas, and the first ones of the next tile, which
      // the loops ask memory for.
      thread_local std::vector<Row> pointers;
      pointers.resize(static_cast<std::size_t>(2 * size_ + tile::rows_ahead));
      Row* const g = pointers.data();
      Row* const x = g + size_;
      for (Index i = 0; i < size_; ++i) {
        g[i] = rows + position(tile, 0, slot(i));
        x[i] = rows + position(tile, 1, slot(i));
      }
      Row* const after = distances == nullptr ? x : x + size_;
      const Index next = std::min(tile + 1, tile_count() - 1);
      for (Index i = 0; i < tile::rows_ahead; ++i)
        after[i] = rows + position(next, what.field == nullptr ? 1 : 0, slot(i % size_));
      double* const out = what.given == nullptr ? own_out : what.given + first;
      bool finite_here = true;
      if (what.field != nullptr) {
        field_on_tile(*what.field, g, size_, out, size);
        if (scale != nullptr)
          for (Index c = 0; c < size; ++c) out[c] /= scale[c];
        if (what.record.field != nullptr) tile::write(out, what.record.field + first, size, past_caches);
      }
      if (what.move != nullptr) {
        double* const moved = what.moved_theta + first;
        (*what.move)(first, Eigen::Map<Vector>(moved, size), Eigen::Map<Vector>(out, size));
        if (what.record.point != nullptr) tile::write(moved, what.record.point + first, size, past_caches);
        finite_here = all_finite(moved, size);
      }
      if (distances != nullptr)
        tile::squared_distances(as_stored(what.theta + first, scale, origin, point, size), x, size_,
                                distances, size);
      return finite_here;
    };
    if (what.distances == nullptr) {
      std::atomic<bool> finite_so_far = true;
      parallel_for(tile_count(), 8, [&](Index tile) {
        if (!on_tile(tile, nullptr)) finite_so_far = false;
      });
      finite = what.move == nullptr || holds_for_all(dimension_, finite_so_far);
    } else {
      // The tiles that are not finite are counted with the distances: ranks that share a vector have one
      // exchange a step.
      std::vector<double> totals(static_cast<std::size_t>(size_ + 1));
      const auto on_tile_counted = [&](Index tile, double* out) {
        out[size_] = on_tile(tile, out) ? 0.0 : 1.0;
      };
      sum_over_coordinates(dimension_, width_, size_ + 1, on_tile_counted, totals.data());
      std::copy_n(totals.data(), size_, what.distances);
      finite = totals.back() == 0.0;
    }
  });
  return finite;
}

void GradientHistory::squared_distances_to(ConstVectorRef theta, const Units& units, VectorRef out) const {
  assert(theta.size() == dimension_ && out.size() == size_);
  sweep({.theta = theta.data(), .scale = units.scale(), .distances = out.data()});
}

void GradientHistory::field(const FieldWeights& field, VectorRef out, const Units& units) const {
  assert(field.weights.size() == size_ && out.size() == dimension_ && size_ >= 1);
  sweep({.field = &field, .scale = units.scale(), .record = {.field = out.data()}});
}

bool GradientHistory::step_along(const FieldWeights& field, VectorRef theta, const Units& units,
                                 const BlockMove& move, const StepRecord& record, double* distances) const {
  assert(field.weights.size() == size_ && theta.size() == dimension_);
  return sweep({.field = &field,
                .theta = theta.data(),
                .moved_theta = theta.data(),
                .scale = units.scale(),
                .move = &move,
                .record = record,
                .distances = distances});
}

bool GradientHistory::step_along(VectorRef given, VectorRef theta, const Units& units, const BlockMove& move,
                                 double* distances) const {
  assert(given.size() == dimension_ && theta.size() == dimension_);
  return sweep({.theta = theta.data(),
                .moved_theta = theta.data(),
                .given = given.data(),
                .scale = units.scale(),
                .move = &move,
                .distances = distances});
}

void GradientHistory::add_combinations(const Matrix& a, const Matrix& b,
                                       const std::vector<double*>& outs) const {
  assert(a.rows() == size_ && b.rows() == size_ && a.cols() == std::ssize(outs) && b.cols() == a.cols());
  with_rows([&](const auto* rows) {
    using Row = decltype(rows);
    parallel_for(tile_count(), 1, [&](Index tile) {
      const Index size = tile_size(tile), older = size_ - 1;
      alignas(64) double newest[tile::width];
      std::vector<Row> pointers(static_cast<std::size_t>(older + tile::rows_ahead));
      for (Index kind = 0; kind < 2; ++kind) {
        const Matrix& weights = kind == 0 ? b : a;
        for (Index i = 0; i < older; ++i)
          pointers[static_cast<std::size_t>(i)] = rows + position(tile, kind, slot(i));
        for (Index i = 0; i < tile::rows_ahead; ++i)  // what comes after the last output
          pointers[static_cast<std::size_t>(older + i)] = rows + position(tile, 1, slot(i % size_));
        std::copy_n(rows + position(tile, kind, slot(older)), size, newest);
        // Tile by tile all outputs follow each other, so the rows come from memory once.
        for (std::size_t k = 0; k < outs.size(); ++k)
          tile::add_weighted(pointers.data(), weights.col(static_cast<Index>(k)).data(), older, newest,
                             outs[k] + tile * width_, size);
      }
    });
  });
}

void GradientHistory::products_about_newest(ConstVectorRef v, VectorRef theta_products,
                                            VectorRef gradient_products) const {
  assert(v.size() == dimension_ && theta_products.size() == size_ && gradient_products.size() == size_);
  std::vector<double> sums(static_cast<std::size_t>(2 * size_));
  with_rows([&](const auto* rows) {
    const auto term = [&](Index tile, double* sum) {
      const Index size = tile_size(tile);
      const double* const part = v.data() + tile * width_;
      WideRows wide(4);
      const auto row = [&](Index number, Index kind, Index age) {
        return wide.row(number, rows + position(tile, kind, slot(age)), size);
      };
      const double *const newest_theta = row(0, 1, size_ - 1), *const newest = row(1, 0, size_ - 1);
      for (Index i = 0; i + 1 < size_; ++i) {
        sum[i] = dot_with_difference(part, row(2, 1, i), newest_theta, size);
        sum[size_ + i] = dot_with_difference(part, row(3, 0, i), newest, size);
        wide.forget(2);
      }
      sum[size_ - 1] = sum[2 * size_ - 1] = 0.0;
    };
    sum_over_coordinates(dimension_, width_, 2 * size_, term, sums.data());
  });
  theta_products = Eigen::Map<const Vector>(sums.data(), size_);
  gradient_products = Eigen::Map<const Vector>(sums.data() + size_, size_);
}

}  // namespace optex
