#include "optex/estimation/history_in_units.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/large_buffer.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/row_products.hpp"

#include <algorithm>
#include <vector>

#include "tile_kernels.hpp"

namespace optex {
namespace {

constexpr Index coordinates_at_once = 256;  // 96 entries of both kinds are then 400 KB

/// Rows of a block of coordinates of all entries, scaled and filled up with zeros as core/row_products wants
/// them; in scratch memory of this thread.
class BlockRows {
 public:
  // The odd line at the end keeps rows from falling into the same few sets of the cache.
  static constexpr Index stride = coordinates_at_once + row_lanes;

  explicit BlockRows(Index rows) : rows_(rows) {
    const std::size_t needed = sizeof(double) * static_cast<std::size_t>(2 * rows * stride);
    if (memory().size() < needed) memory() = LargeBuffer(needed);
  }
  double* row(Index kind, Index i) {
    return static_cast<double*>(memory().data()) + (kind * rows_ + i) * stride;
  }

 private:
  static LargeBuffer& memory() {
    thread_local LargeBuffer buffer;
    return buffer;
  }
  Index rows_;
};

}  // namespace

void add_newcomers(const GradientHistory& history, const Units& units, Index newcomers,
                   PairDistances& known) {
  const Index n = history.size(), d = history.dimension();
  const Index kept = n - newcomers;
  PairDistances now{Matrix::Zero(n, n), Matrix::Zero(n, n)};
  if (kept > 0) {
    now.thetas.topLeftCorner(kept, kept) = known.thetas.bottomRightCorner(kept, kept);
    now.gradients.topLeftCorner(kept, kept) = known.gradients.bottomRightCorner(kept, kept);
  }
  const Index others = filled_up(n, row_group), columns = filled_up(newcomers, 2);
  const Index rows_a_kind = std::max(others, kept + columns);
  const Index numbers = others * columns;  // of a kind
  std::vector<double> sums(static_cast<std::size_t>(2 * numbers));
  const auto add_block = [&](Index first, Index size, double* out) {
    thread_local Matrix stored[2];
    for (Matrix& rows : stored) rows.resize(size, n);
    history.copy_coordinates(first, stored[0], stored[1]);
    const double* const scale = units.scale() + first;
    double inverse[coordinates_at_once];
    for (Index c = 0; c < size; ++c) inverse[c] = 1.0 / scale[c];
    BlockRows rows(rows_a_kind);
    for (Index i = 0; i < n; ++i) {
      tile::subtract_and_multiply(stored[0].col(i).data(), stored[0].col(n - 1).data(), inverse,
                                  rows.row(0, i), size);
      tile::multiply(stored[1].col(i).data(), scale, rows.row(1, i), size);
    }
    const Index filled = filled_up(size, row_lanes);
    for (Index kind = 0; kind < 2; ++kind) {
      for (Index i = 0; i < n; ++i) std::fill(rows.row(kind, i) + size, rows.row(kind, i) + filled, 0.0);
      for (Index i = n; i < rows_a_kind; ++i) std::fill_n(rows.row(kind, i), filled, 0.0);
      add_row_distances(rows.row(kind, 0), others, rows.row(kind, kept), columns, BlockRows::stride, filled,
                        out + kind * numbers);
    }
  };
  constexpr Index blocks_at_once = 8;  // whose sums are added up before they meet those of others
  constexpr Index piece = blocks_at_once * coordinates_at_once;
  sum_over_coordinates(
      d, piece, 2 * numbers,
      [&](Index i, double* out) {
        std::fill_n(out, 2 * numbers, 0.0);
        for (Index first = i * piece; first < std::min(d, (i + 1) * piece); first += coordinates_at_once)
          add_block(first, std::min(coordinates_at_once, d - first), out);
      },
      sums.data());
  for (Index k = kept; k < n; ++k)
    for (Index i = 0; i < k; ++i) {
      const auto at = static_cast<std::size_t>(i * columns + k - kept);
      now.thetas(k, i) = now.thetas(i, k) = sums[at];
      now.gradients(k, i) = now.gradients(i, k) = sums[static_cast<std::size_t>(numbers) + at];
    }
  known = std::move(now);
}

Matrix HistoryInUnits::squared_distances() const {
  return distances_ == nullptr ? history_->squared_distances() : distances_->thetas;
}

Matrix HistoryInUnits::squared_gradient_distances() const {
  return distances_ == nullptr ? history_->squared_gradient_distances() : distances_->gradients;
}

void HistoryInUnits::squared_distances_to(ConstVectorRef theta, VectorRef out) const {
  if (distances_ == nullptr) return history_->squared_distances_to(theta, out);
  for (Index i = 0; i < size(); ++i) out[i] = squared_distance(theta, this->theta(i));
}

void HistoryInUnits::combine_about_newest(ConstVectorRef a, ConstVectorRef b, VectorRef out) const {
  if (distances_ == nullptr) return history_->combine_about_newest(a, b, out);
  const Vector none = Vector::Zero(size());
  Vector part(out.size());
  history_->combine_about_newest(a, none, part);
  out = units_.position(part);
  history_->combine_about_newest(none, b, part);
  out += units_.gradient(part);
}

void HistoryInUnits::products_about_newest(ConstVectorRef v, VectorRef theta_products,
                                           VectorRef gradient_products) const {
  if (distances_ == nullptr) return history_->products_about_newest(v, theta_products, gradient_products);
  Vector unused(size());
  history_->products_about_newest(units_.position(v), theta_products, unused);
  history_->products_about_newest(units_.gradient(v), unused, gradient_products);
}

}  // namespace optex
