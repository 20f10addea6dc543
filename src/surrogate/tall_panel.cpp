#include "optex/surrogate/tall_panel.hpp"

#include "optex/core/parallel_for.hpp"

#include <algorithm>

namespace optex {
namespace {

constexpr Index part = 8192;  // coordinates that are moved at a time

}  // namespace

void TallPanel::replace_oldest(Index old, const Matrix& weights) {
  const Index combined = weights.cols();
  const RowSet from = rows(0, old);
  parallel_for((length() + part - 1) / part, 1, [&](Index i) {
    const Index first = i * part;
    const Index size = std::min(part, length() - first);
    const RowSet here{
        old, [&](Index row, Index at, Index n, double* room) { return from.read(row, first + at, n, room); }};
    const Matrix made = row_combinations(here, weights, size);
    for (Index k = 0; k < combined; ++k) row(k).segment(first, size) = made.col(k);
  });
  rows_.erase(rows_.begin() + combined, rows_.begin() + old);
}

void TallPanel::move_origin(ConstVectorRef shift) {
  parallel_for(count(), 1, [&](Index i) { row(i) -= shift; });
}

RowSet TallPanel::rows(Index first_row, Index number) const {
  return {number, [this, first_row](Index row, Index first, Index, double*) {
            return this->row(first_row + row).data() + first;
          }};
}

}  // namespace optex
