#include "optex/surrogate/tall_panel.hpp"

#include "optex/core/parallel_for.hpp"

#include <algorithm>

namespace optex {
namespace {

constexpr Index part = 8192;  // coordinates that are moved at a time

}  // namespace

void TallPanel::replace_oldest(Index old, const Matrix& weights) {
  const Index combined = weights.cols();
  const Index rest = count() - old;
  const RowSet from = rows(0, old);
  parallel_for((length() + part - 1) / part, 1, [&](Index i) {
    const Index first = i * part;
    const Index size = std::min(part, length() - first);
    const RowSet here{
        old, [&](Index row, Index at, Index n, double* room) { return from.read(row, first + at, n, room); }};
    rows_.block(first, 0, size, combined) = row_combinations(here, weights, size);
    for (Index row = 0; row < rest && combined < old; ++row)
      rows_.col(combined + row).segment(first, size) = rows_.col(old + row).segment(first, size);
  });
  if (combined < old) rows_.conservativeResize(Eigen::NoChange, combined + rest);
}

void TallPanel::move_origin(ConstVectorRef shift) {
  parallel_for(count(), 1, [&](Index i) { rows_.col(i) -= shift; });
}

RowSet TallPanel::rows(Index first_row, Index number) const {
  return {number, [this, first_row](Index row, Index first, Index, double*) {
            return rows_.col(first_row + row).data() + first;
          }};
}

}  // namespace optex
