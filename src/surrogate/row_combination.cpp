#include "optex/surrogate/row_combination.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/eight_lanes.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/row_products.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace optex {
namespace {

constexpr Index pair_width = 4;  // rows on the other side, where the sums of 16 products fit into registers
constexpr Index outputs = 8;     // combinations that share the numbers of a row
constexpr Index cache_line = 8;  // numbers
constexpr Index kept_rows = 32;  // of the other side that stay in the nearest caches: 128 KiB

/// The rows of a block as the inner loops want them: a multiple of `group` of them, and of 8 numbers.
class BlockRows {
 public:
  BlockRows(const RowSet& rows, Index group, Index first, Index size)
      : padded_(filled_up(size, row_lanes)), at_(static_cast<std::size_t>(filled_up(rows.count, group))) {
    room_.reset(new double[static_cast<std::size_t>((rows.count + 1) * padded_)]);
    double* const zeros = room_.get() + rows.count * padded_;
    std::fill_n(zeros, padded_, 0.0);
    for (Index i = 0; i < std::ssize(at_); ++i) {
      if (i >= rows.count) {
        at_[static_cast<std::size_t>(i)] = zeros;
        continue;
      }
      double* const room = room_.get() + i * padded_;
      const double* const row = rows.read(i, first, size, room);
      if (size < padded_) std::fill(room + size, room + padded_, 0.0);
      if (row != room && size < padded_) std::copy_n(row, size, room);
      at_[static_cast<std::size_t>(i)] = size < padded_ ? room : row;
    }
  }
  const double* const* data() const { return at_.data(); }
  Index padded() const { return padded_; }

 private:
  Index padded_;
  std::unique_ptr<double[]> room_;
  std::vector<const double*> at_;
};

/// out[r out_stride + s] += a_r'b_s of 4 and `Width` rows.
template <int Bytes, Index Width>
OPTEX_INLINE void add_tile(const double* const* a, const double* const* b, Index size, double* out,
                           Index out_stride) {
  double lane[row_group][Width][eight_lanes];
  for (Index part = 0; part < eight_lanes; part += LanesOf<Bytes>::count) {
    Lanes<Bytes> sum[row_group][Width] = {};
    for (Index i = part; i < size; i += row_lanes) {
      Lanes<Bytes> left[row_group], right[Width];
      for (Index r = 0; r < row_group; ++r) load_lanes<Bytes>(a[r] + i, left[r]);
      for (Index s = 0; s < Width; ++s) load_lanes<Bytes>(b[s] + i, right[s]);
      for (Index r = 0; r < row_group; ++r)
        for (Index s = 0; s < Width; ++s) sum[r][s] += left[r] * right[s];
    }
    for (Index r = 0; r < row_group; ++r)
      for (Index s = 0; s < Width; ++s) store_lanes<Bytes>(sum[r][s], lane[r][s] + part);
  }
  for (Index r = 0; r < row_group; ++r)
    for (Index s = 0; s < Width; ++s) out[r * out_stride + s] += sum_of_lanes(lane[r][s]);
}

/// All tiles, or those that reach below the diagonal.
template <int Bytes>
OPTEX_INLINE void add_tiles_in_vectors(const double* const* a, Index a_count, const double* const* b,
                                       Index b_count, Index size, bool lower, double* out) {
  constexpr Index width = Bytes >= 64 ? pair_width : 2;  // half of the registers are for the sums
  for (Index kept = 0; kept < b_count; kept += kept_rows)
    for (Index i = lower ? kept : 0; i < a_count; i += row_group) {
      const Index end = std::min(kept + kept_rows, lower ? std::min(b_count, i + row_group) : b_count);
      for (Index j = kept; j < end; j += width)
        add_tile<Bytes, width>(a + i, b + j, size, out + i * b_count + j, b_count);
    }
}

/// out_k += sum over i of weights[i outputs + k] row_i, each of `size` numbers.
template <int Bytes>
OPTEX_INLINE void combine_in_vectors(const double* const* rows, Index count, const double* weights,
                                     Index size, double* const* out) {
  for (Index i = 0; i < size; i += LanesOf<Bytes>::count) {
    Lanes<Bytes> sum[outputs];
    for (Index k = 0; k < outputs; ++k) load_lanes<Bytes>(out[k] + i, sum[k]);
    for (Index row = 0; row < count; ++row) {
      Lanes<Bytes> numbers;
      load_lanes<Bytes>(rows[row] + i, numbers);
      for (Index k = 0; k < outputs; ++k) sum[k] += weights[row * outputs + k] * numbers;
    }
    for (Index k = 0; k < outputs; ++k) store_lanes<Bytes>(sum[k], out[k] + i);
  }
}

OPTEX_IN_VECTORS(add_tiles,
                 (const double* const* a, Index a_count, const double* const* b, Index b_count, Index size,
                  bool lower, double* out),
                 (a, a_count, b, b_count, size, lower, out))
OPTEX_IN_VECTORS(combine,
                 (const double* const* rows, Index count, const double* weights, Index size,
                  double* const* out),
                 (rows, count, weights, size, out))

Matrix products_of(const RowSet& a, const RowSet& b, Index length, bool lower) {
  const Index rows = filled_up(a.count, row_group);
  const Index columns = lower ? rows : filled_up(b.count, pair_width);
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> sums(rows, columns);
  if (sums.size() == 0) return Matrix::Zero(a.count, b.count);
  sum_over_coordinates(
      length, row_block, rows * columns,
      [&](Index i, double* out) {
        std::fill_n(out, rows * columns, 0.0);
        const Index first = i * row_block;
        const Index size = std::min(row_block, length - first);
        const BlockRows left(a, row_group, first, size);
        if (lower) return add_tiles(left.data(), rows, left.data(), columns, left.padded(), true, out);
        const BlockRows right(b, pair_width, first, size);
        add_tiles(left.data(), rows, right.data(), columns, left.padded(), false, out);
      },
      sums.data());
  return sums.topLeftCorner(a.count, b.count);
}

}  // namespace

RowSet rows_at(std::vector<const double*> rows) {
  const auto count = static_cast<Index>(rows.size());
  return {count, [rows = std::move(rows)](Index row, Index first, Index, double*) {
            return rows[static_cast<std::size_t>(row)] + first;
          }};
}

RowSet joined(std::vector<RowSet> parts) {
  Index count = 0;
  for (const RowSet& part : parts) count += part.count;
  return {count, [parts = std::move(parts)](Index row, Index first, Index size, double* room) {
            std::size_t k = 0;
            for (; row >= parts[k].count; ++k) row -= parts[k].count;
            return parts[k].read(row, first, size, room);
          }};
}

void copy_row(const RowSet& rows, Index row, Index length, double* to) {
  for (Index first = 0; first < length; first += row_block) {
    const Index size = std::min(row_block, length - first);
    const double* const from = rows.read(row, first, size, to + first);
    if (from != to + first) std::copy_n(from, size, to + first);
  }
}

Matrix row_products(const RowSet& a, const RowSet& b, Index length) {
  return products_of(a, b, length, false);
}

Matrix row_products(const RowSet& a, Index length) {
  Matrix products = products_of(a, a, length, true);
  products.triangularView<Eigen::StrictlyUpper>() = products.transpose();
  return products;
}

Matrix row_combinations(const RowSet& rows, const Matrix& weights, Index length) {
  const Index wanted = weights.cols();
  const Index filled = filled_up(wanted, outputs);
  std::vector<double> tiles(static_cast<std::size_t>(rows.count * filled), 0.0);  // [tile][row][output]
  for (Index k = 0; k < wanted; ++k)
    for (Index row = 0; row < rows.count; ++row)
      tiles[static_cast<std::size_t>((k / outputs * rows.count + row) * outputs + k % outputs)] =
          weights(row, k);
  Matrix result(length, wanted);
  parallel_for((length + row_block - 1) / row_block, 8, [&](Index i) {
    const Index first = i * row_block;
    const Index size = std::min(row_block, length - first);
    const BlockRows part(rows, 1, first, size);
    // The loop below goes through all rows side by side, which is more streams than a processor foresees.
    for (Index row = 0; row < rows.count; ++row)
      for (Index j = 0; j < size; j += cache_line) __builtin_prefetch(part.data()[row] + j, 0, 2);
    std::vector<double> sums(static_cast<std::size_t>(outputs * part.padded()));
    double* out[outputs];
    for (Index k = 0; k < outputs; ++k) out[k] = sums.data() + k * part.padded();
    for (Index tile = 0; tile < filled; tile += outputs) {
      std::fill(sums.begin(), sums.end(), 0.0);
      combine(part.data(), rows.count, tiles.data() + tile * rows.count, part.padded(), out);
      for (Index k = tile; k < std::min(wanted, tile + outputs); ++k)
        std::copy_n(out[k - tile], size, result.col(k).data() + first);
    }
  });
  return result;
}

}  // namespace optex
