#include "optex/core/row_products.hpp"

#include "optex/core/eight_lanes.hpp"
#include "optex/core/vector_clones.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace optex {
namespace {

constexpr Index kept_rows =
    64;  // of a, that stay in the second-level cache while b passes: 256 KiB of 512 numbers

struct Product {
  template <int Bytes>
  OPTEX_INLINE static void add(const Lanes<Bytes>& a, const Lanes<Bytes>& b, Lanes<Bytes>& sum) {
    add_fused<Bytes>(a, b, sum);
  }
};

struct SquaredDistance {
  template <int Bytes>
  OPTEX_INLINE static void add(const Lanes<Bytes>& a, const Lanes<Bytes>& b, Lanes<Bytes>& sum) {
    const Lanes<Bytes> difference = a - b;
    add_fused<Bytes>(difference, difference, sum);
  }
};

/// out[r stride + s] += the term of a_r and b_s, of 4 and `Width` rows. Asks for the numbers of `ahead`, if
/// it is to.
template <class Term, int Bytes, Index Width, bool Asks>
OPTEX_INLINE void add_tile(const double* const* a, const double* const* b, const double* ahead, Index size,
                           double* out, Index stride) {
  double lane[row_group][Width][eight_lanes];
  for (Index part = 0; part < eight_lanes; part += LanesOf<Bytes>::count) {
    Lanes<Bytes> sum[row_group][Width] = {};
    for (Index i = part; i < size; i += row_lanes) {
      if (Asks && part == 0) __builtin_prefetch(ahead + i, 0, 3);
      Lanes<Bytes> left[row_group], right[Width];
      for (Index r = 0; r < row_group; ++r) load_lanes<Bytes>(a[r] + i, left[r]);
      for (Index s = 0; s < Width; ++s) load_lanes<Bytes>(b[s] + i, right[s]);
      for (Index r = 0; r < row_group; ++r)
        for (Index s = 0; s < Width; ++s) Term::template add<Bytes>(left[r], right[s], sum[r][s]);
    }
    for (Index r = 0; r < row_group; ++r)
      for (Index s = 0; s < Width; ++s) store_lanes<Bytes>(sum[r][s], lane[r][s] + part);
  }
  for (Index r = 0; r < row_group; ++r)
    for (Index s = 0; s < Width; ++s) out[r * stride + s] += sum_of_lanes(lane[r][s]);
}

/// The same of 4 and 4 rows. Asks for `ahead` unless that is null.
template <class Term, int Bytes>
OPTEX_INLINE void add_group(const double* const* a, const double* const* b, const double* ahead, Index size,
                            double* out, Index stride) {
  constexpr Index width = Bytes >= 64 ? row_group : 2;  // as many sums as half of the registers
  if (ahead != nullptr)
    add_tile<Term, Bytes, width, true>(a, b, ahead, size, out, stride);
  else
    add_tile<Term, Bytes, width, false>(a, b, ahead, size, out, stride);
  for (Index s = width; s < row_group; s += width)
    add_tile<Term, Bytes, width, false>(a, b + s, ahead, size, out + s, stride);
}

/// All groups of which something counts. While four rows of b meet those of a the next four are on their way.
template <class Term, int Bytes>
OPTEX_INLINE void add_groups(const RowList& a, const RowList& b, Index diagonal, Index size, double* out) {
  assert(a.count % row_group == 0 && b.count % row_group == 0 && size % row_lanes == 0);
  for (Index kept = 0; kept < a.count; kept += kept_rows) {
    const Index end = std::min(kept + kept_rows, a.count);
    for (Index j = 0; j < b.count && j < diagonal + end; j += row_group) {
      const Index first = std::max(kept, (j - diagonal) / row_group * row_group);
      for (Index i = first; i < end; i += row_group) {
        const Index next = (i - first) / row_group;  // of the next four
        const bool asks = next < row_group && j + row_group < b.count;
        add_group<Term, Bytes>(a.rows + i, b.rows + j, asks ? b.rows[j + row_group + next] : nullptr, size,
                               out + i * b.count + j, b.count);
      }
    }
  }
}

template <int Bytes>
OPTEX_INLINE void add_products_in_vectors(const RowList& a, const RowList& b, Index diagonal, Index size,
                                          double* out) {
  add_groups<Product, Bytes>(a, b, diagonal, size, out);
}
template <int Bytes>
OPTEX_INLINE void add_distances_in_vectors(const RowList& a, const RowList& b, Index diagonal, Index size,
                                           double* out) {
  add_groups<SquaredDistance, Bytes>(a, b, diagonal, size, out);
}

OPTEX_IN_VECTORS(add_products, (const RowList& a, const RowList& b, Index diagonal, Index size, double* out),
                 (a, b, diagonal, size, out))
OPTEX_IN_VECTORS(add_distances, (const RowList& a, const RowList& b, Index diagonal, Index size, double* out),
                 (a, b, diagonal, size, out))

}  // namespace

void add_row_products(const RowList& a, const RowList& b, Index diagonal, Index size, double* out) {
  add_products(a, b, diagonal, size, out);
}

void add_squared_distances(const RowList& a, const RowList& b, Index diagonal, Index size, double* out) {
  add_distances(a, b, diagonal, size, out);
}

void add_row_products(const double* rows, Index stride, Index count, Index size, double* out) {
  std::vector<const double*> list;
  for (Index i = 0; i < count; ++i) list.push_back(rows + i * stride);
  add_products({list.data(), count}, {list.data(), count}, 0, size, out);
}

}  // namespace optex
