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

constexpr Index outputs = 6;  // combinations that share the numbers of a row

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
  RowList list() const { return {at_.data(), std::ssize(at_)}; }
  Index padded() const { return padded_; }

 private:
  Index padded_;
  std::unique_ptr<double[]> room_;
  std::vector<const double*> at_;
};

/// out[k size + i] += sum over 4 rows of weights[row outputs + k] row_i, for k < Width. Asks for four rows
/// more.
template <int Bytes, Index Width>
OPTEX_INLINE void combine_group(const double* const* rows, const double* const* ahead, const double* weights,
                                Index size, double* out) {
  const double *row[row_group], *next[row_group];
  std::copy_n(rows, row_group, row);
  std::copy_n(ahead, row_group, next);
  Lanes<Bytes> weight[row_group][Width];
  for (Index r = 0; r < row_group; ++r)
    for (Index k = 0; k < Width; ++k) spread_lanes<Bytes>(weights[r * outputs + k], weight[r][k]);
  for (Index i = 0; i < size; i += LanesOf<Bytes>::count) {
    Lanes<Bytes> numbers[row_group];
    for (Index r = 0; r < row_group; ++r) {
      __builtin_prefetch(next[r] + i, 0, 3);
      load_lanes<Bytes>(row[r] + i, numbers[r]);
    }
    for (Index k = 0; k < Width; ++k) {
      Lanes<Bytes> sum;
      load_lanes<Bytes>(out + k * size + i, sum);
      for (Index r = 0; r < row_group; ++r) add_fused<Bytes>(weight[r][k], numbers[r], sum);
      store_lanes<Bytes>(sum, out + k * size + i);
    }
  }
}

/// The same for all rows and outputs.
template <int Bytes>
OPTEX_INLINE void combine_in_vectors(const RowList& rows, const double* weights, Index size, double* out) {
  constexpr Index width = Bytes >= 64 ? outputs : 2;  // so that all weights at hand are in registers
  for (Index row = 0; row < rows.count; row += row_group) {
    const double* const* const here = rows.rows + row;
    const double* const* const ahead = row + row_group < rows.count ? here + row_group : here;
    for (Index k = 0; k < outputs; k += width)
      combine_group<Bytes, width>(here, ahead, weights + row * outputs + k, size, out + k * size);
  }
}

OPTEX_IN_VECTORS(combine, (const RowList& rows, const double* weights, Index size, double* out),
                 (rows, weights, size, out))

Matrix products_of(const RowSet& a, const RowSet& b, Index length, bool lower) {
  const Index rows = filled_up(a.count, row_group);
  const Index columns = lower ? rows : filled_up(b.count, row_group);
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> sums(rows, columns);
  if (sums.size() == 0) return Matrix::Zero(a.count, b.count);
  sum_over_coordinates(
      length, row_block, rows * columns,
      [&](Index i, double* out) {
        std::fill_n(out, rows * columns, 0.0);
        const Index first = i * row_block;
        const Index size = std::min(row_block, length - first);
        const BlockRows left(a, row_group, first, size);
        if (lower) return add_row_products(left.list(), left.list(), 0, left.padded(), out);
        const BlockRows right(b, row_group, first, size);
        add_row_products(left.list(), right.list(), columns, left.padded(), out);
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
  const Index wanted = weights.cols(), count = filled_up(rows.count, row_group);
  const Index filled = filled_up(wanted, outputs);
  std::vector<double> tiles(static_cast<std::size_t>(count * filled), 0.0);  // [tile][row][output]
  for (Index k = 0; k < wanted; ++k)
    for (Index row = 0; row < rows.count; ++row)
      tiles[static_cast<std::size_t>((k / outputs * count + row) * outputs + k % outputs)] = weights(row, k);
  Matrix result(length, wanted);
  parallel_for((length + row_block - 1) / row_block, 8, [&](Index i) {
    const Index first = i * row_block;
    const Index size = std::min(row_block, length - first);
    const BlockRows part(rows, row_group, first, size);
    alignas(64) double sums[outputs * row_block];
    for (Index tile = 0; tile < filled; tile += outputs) {
      std::fill_n(sums, outputs * part.padded(), 0.0);
      combine(part.list(), tiles.data() + tile * count, part.padded(), sums);
      for (Index k = tile; k < std::min(wanted, tile + outputs); ++k)
        std::copy_n(sums + (k - tile) * part.padded(), size, result.col(k).data() + first);
    }
  });
  return result;
}

}  // namespace optex
