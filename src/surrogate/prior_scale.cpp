#include "optex/surrogate/prior_scale.hpp"

#include "optex/core/parallel_for.hpp"

namespace optex {

Matrix PriorScale::gradients(const RowSet& rows) const {
  Matrix scaled(length(), rows.count);
  parallel_for(rows.count, 1, [&](Index row) {
    double* const to = scaled.col(row).data();
    copy_row(rows, row, length(), to);
    scaled.col(row) = gradient(scaled.col(row));
  });
  return scaled;
}

}  // namespace optex
