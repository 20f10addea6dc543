#include "optex/core/row_products.hpp"

#include "optex/core/eight_lanes.hpp"
#include "optex/core/vector_clones.hpp"

#include <cassert>

namespace optex {
namespace {

constexpr Index pair = 2;  // rows on the other side: 4 x 2 sums and 6 numbers fit into the registers

/// out[r out_stride + s] += a_r'b_s.
template <int Bytes>
OPTEX_INLINE void add_block(const double* a, const double* b, Index stride, Index size, double* out,
                            Index out_stride) {
  double lane[row_group][pair][eight_lanes];
  for (Index part = 0; part < eight_lanes; part += LanesOf<Bytes>::count) {
    Lanes<Bytes> sum[row_group][pair] = {};
    for (Index i = part; i < size; i += row_lanes) {
      Lanes<Bytes> left[row_group], right[pair];
      for (Index r = 0; r < row_group; ++r) load_lanes<Bytes>(a + r * stride + i, left[r]);
      for (Index s = 0; s < pair; ++s) load_lanes<Bytes>(b + s * stride + i, right[s]);
      for (Index r = 0; r < row_group; ++r)
        for (Index s = 0; s < pair; ++s) sum[r][s] += left[r] * right[s];
    }
    for (Index r = 0; r < row_group; ++r)
      for (Index s = 0; s < pair; ++s) store_lanes<Bytes>(sum[r][s], lane[r][s] + part);
  }
  for (Index r = 0; r < row_group; ++r)
    for (Index s = 0; s < pair; ++s) out[r * out_stride + s] += sum_of_lanes(lane[r][s]);
}

template <int Bytes>
OPTEX_INLINE void add_row_products_in_vectors(const double* rows, Index stride, Index count, Index size,
                                              double* out) {
  assert(count % row_group == 0 && size % row_lanes == 0);
  for (Index i = 0; i < count; i += row_group)
    for (Index j = 0; j < i + row_group; j += pair)
      add_block<Bytes>(rows + i * stride, rows + j * stride, stride, size, out + i * count + j, count);
}

}  // namespace

OPTEX_IN_VECTORS(add_row_products, (const double* rows, Index stride, Index count, Index size, double* out),
                 (rows, stride, count, size, out))

}  // namespace optex
