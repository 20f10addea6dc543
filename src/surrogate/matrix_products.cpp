#include "optex/surrogate/matrix_products.hpp"

#include "optex/core/eight_lanes.hpp"
#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace optex {
namespace {

// Operands are copied into strips in the order in which the innermost loop reads them.
constexpr Index tall = 24;           // rows of a strip of a
constexpr Index wide = 8;            // columns of a strip of b
constexpr Index deep = 256;          // terms of a sum that are added up in registers
constexpr double shared_from = 2e6;  // multiplications: with fewer a second thread would wake up too late

/// tile[c tall + r] = sum over k of a[k tall + r] b[k wide + c]
template <int Bytes>
OPTEX_INLINE void multiply_strips_in_vectors(const double* a, const double* b, Index depth, double* tile) {
  constexpr Index lanes = LanesOf<Bytes>::count;
  constexpr Index vectors = Bytes >= 64 ? 3 : 2;  // as many sums as there are registers for
  constexpr Index columns = Bytes >= 64 ? 8 : 4;
  for (Index r = 0; r < tall; r += vectors * lanes)
    for (Index c = 0; c < wide; c += columns) {
      Lanes<Bytes> sum[columns][vectors] = {};
      for (Index k = 0; k < depth; ++k) {
        Lanes<Bytes> left[vectors];
        for (Index v = 0; v < vectors; ++v) load_lanes<Bytes>(a + k * tall + r + v * lanes, left[v]);
        for (Index j = 0; j < columns; ++j) {
          Lanes<Bytes> right;
          spread_lanes<Bytes>(b[k * wide + c + j], right);
          for (Index v = 0; v < vectors; ++v) add_fused<Bytes>(left[v], right, sum[j][v]);
        }
      }
      for (Index j = 0; j < columns; ++j)
        for (Index v = 0; v < vectors; ++v)
          store_lanes<Bytes>(sum[j][v], tile + (c + j) * tall + r + v * lanes);
    }
}
OPTEX_IN_VECTORS(multiply_strips, (const double* a, const double* b, Index depth, double* tile),
                 (a, b, depth, tile))

/// out[k width + i] = entry (first + i, k); zeros beyond the last row.
void copy_strip(const Operand& from, Index first, Index width, double* out) {
  const Index there = std::min(width, from.rows - first);
  const double* const at = from.at + first * from.down;
  if (there < width) std::fill_n(out, width * from.cols, 0.0);
  if (from.down == 1)
    for (Index k = 0; k < from.cols; ++k) std::copy_n(at + k * from.across, there, out + k * width);
  else
    for (Index i = 0; i < there; ++i)
      for (Index k = 0; k < from.cols; ++k) out[k * width + i] = at[i * from.down + k * from.across];
}

bool all_zero(const double* numbers) {
  return std::all_of(numbers, numbers + wide, [](double x) { return x == 0.0; });
}

void share(bool among_threads, Index count, const std::function<void(Index)>& work) {
  if (among_threads) return parallel_for(count, 1, work);
  for (Index i = 0; i < count; ++i) work(i);
}

Matrix multiply(const Operand& a, const Operand& b, bool lower) {
  const Index rows = a.rows, cols = b.cols, depth = a.cols;
  if (rows == 0 || cols == 0 || depth == 0) return Matrix::Zero(rows, cols);
  const bool shared =
      static_cast<double>(rows) * static_cast<double>(cols) * static_cast<double>(depth) > shared_from;
  const Index strips = (cols + wide - 1) / wide;
  const auto room = [](Index numbers) {
    return std::unique_ptr<double[]>(new double[static_cast<std::size_t>(numbers)]);
  };
  const auto right = room(strips * wide * depth);
  const Operand b_turned{b.at, b.cols, b.rows, b.across, b.down};
  std::vector<Index> last(static_cast<std::size_t>(strips));  // terms of each strip that are not all 0
  share(shared, strips, [&](Index j) {
    double* const strip = right.get() + j * wide * depth;
    copy_strip(b_turned, j * wide, wide, strip);
    Index& terms = last[static_cast<std::size_t>(j)] = depth;
    while (terms > 1 && all_zero(strip + (terms - 1) * wide)) --terms;
  });
  Matrix result(rows, cols);
  share(shared, (rows + tall - 1) / tall, [&](Index i) {
    const Index first = i * tall;
    const Index height = std::min(tall, rows - first);
    const auto left = room(tall * depth);
    copy_strip(a, first, tall, left.get());
    double tile[tall * wide];
    for (Index k = 0; k < depth; k += deep)
      for (Index j = 0; j < strips && !(lower && j * wide >= first + height); ++j) {
        const Index terms = std::min(deep, last[static_cast<std::size_t>(j)] - k);
        if (terms <= 0) continue;
        multiply_strips(left.get() + k * tall, right.get() + (j * depth + k) * wide, terms, tile);
        for (Index c = 0; c < std::min(wide, cols - j * wide); ++c) {
          double* const out = result.col(j * wide + c).data() + first;
          const double* const sums = tile + c * tall;
          for (Index r = 0; r < height; ++r) out[r] = k == 0 ? sums[r] : out[r] + sums[r];
        }
      }
  });
  return result;
}

}  // namespace

Matrix product(const Operand& a, const Operand& b) { return multiply(a, b, false); }

Matrix symmetric_product(const Operand& a, const Operand& b) {
  Matrix result = multiply(a, b, true);
  for (Index j = 1; j < result.cols(); ++j) result.col(j).head(j) = result.row(j).head(j).transpose();
  return result;
}

}  // namespace optex
