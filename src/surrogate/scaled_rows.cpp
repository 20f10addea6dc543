#include "optex/surrogate/scaled_rows.hpp"

#include <utility>
#include <vector>

namespace optex {
namespace {

RowSet columns_of(const Matrix& matrix) {
  std::vector<const double*> columns;
  for (Index i = 0; i < matrix.cols(); ++i) columns.push_back(matrix.col(i).data());
  return rows_at(std::move(columns));
}

/// y + K s of all pairs.
Matrix whole_changes(const PairMemory& pairs, const KnownPart& known) {
  Matrix changes = known.times(pairs.counted(pairs.steps(), 0, pairs.size()));
  const RowSet unknown = pairs.counted(pairs.changes(), 0, pairs.size());
  Vector change(changes.rows());
  for (Index i = 0; i < changes.cols(); ++i) {
    copy_row(unknown, i, change.size(), change.data());
    changes.col(i) += change;
  }
  return changes;
}

}  // namespace

ScaledRows::ScaledRows(const PairMemory& pairs, const PriorScale* scale, const KnownPart* known,
                       ConstVectorRef best_theta, ConstVectorRef best_gradient, const Vector& residual)
    : pairs_(pairs),
      scale_(scale),
      steps_(pairs.counted(pairs.steps(), 0, pairs.size())),
      gradient_(scale ? scale->gradient(best_gradient) : Vector(best_gradient)),
      residual_(scale && residual.size() > 0 ? scale->up(residual) : residual) {
  const Index n = pairs.size();
  const PairProducts& kept = pairs.products();
  if (scale) steps_ = scale->up(std::move(steps_));
  if (known) changes_ = whole_changes(pairs, *known);
  if (scale) changes_ = scale->gradients(known ? columns_of(changes_) : pairs.counted(pairs.changes(), 0, n));
  // The gradient, the residual if there is one, and the best point less the anchor.
  const Vector best = scale ? scale->up(best_theta - pairs.anchor()) : Vector(best_theta - pairs.anchor());
  std::vector<const double*> vectors = {gradient_.data()};
  if (residual.size() > 0) vectors.push_back(residual_.data());
  const auto extra = static_cast<Index>(vectors.size());
  vectors.push_back(best.data());
  RowSet middles = pairs.counted(pairs.middles(), 0, n);
  if (scale) middles = scale->up(std::move(middles));
  const Matrix with_all =
      row_products(rows_at(vectors), joined({steps(), changes(), middles, rows_at(vectors)}), length());
  const Index count = 2 * n + extra;
  products_.resize(count, count);
  middles_.resize(count, n + 1);
  if (scale) {
    products_.topLeftCorner(n, n) = row_products(steps(), length());
    middles_.topLeftCorner(n, n) = row_products(steps(), middles, length());
  } else {
    products_.topLeftCorner(n, n) = kept.step_step;
    middles_.topLeftCorner(n, n) = kept.middle_step.transpose();
  }
  products_.block(n, n, n, n) = scale || known ? row_products(changes(), length()) : kept.change_change;
  // (C's)'(C^-1 y) = s'y: a scale leaves products of steps and of middles with changes as they are.
  products_.block(0, n, n, n) = known ? row_products(steps(), changes(), length()) : kept.step_change;
  products_.block(n, 0, n, n) = products_.block(0, n, n, n).transpose();
  if (known)
    middles_.block(n, 0, n, n) = row_products(changes(), middles, length());
  else
    middles_.block(n, 0, n, n) = kept.middle_change.transpose();
  products_.bottomLeftCorner(extra, 2 * n) = with_all.topLeftCorner(extra, 2 * n);
  products_.topRightCorner(2 * n, extra) = products_.bottomLeftCorner(extra, 2 * n).transpose();
  products_.bottomRightCorner(extra, extra) = with_all.block(0, 3 * n, extra, extra);
  middles_.bottomLeftCorner(extra, n) = with_all.block(0, 2 * n, extra, n);
  middles_.col(n).head(2 * n) = with_all.row(extra).head(2 * n);
  middles_.col(n).tail(extra) = with_all.row(extra).segment(3 * n, extra);
  middles_.leftCols(n).colwise() -= Vector(middles_.col(n));
  middles_.conservativeResize(Eigen::NoChange, n);
}

RowSet ScaledRows::changes() const {
  return changes_.cols() > 0 ? columns_of(changes_) : pairs_.counted(pairs_.changes(), 0, pairs());
}

RowSet ScaledRows::rows() const {
  std::vector<const double*> vectors = {gradient_.data()};
  if (residual_.size() > 0) vectors.push_back(residual_.data());
  return joined({steps(), changes(), rows_at(vectors)});
}

Matrix ScaledRows::in_theta(Matrix scaled) const {
  if (scale_)
    for (Index k = 0; k < scaled.cols(); ++k) scaled.col(k) = scale_->down(scaled.col(k));
  return scaled;
}

Vector ScaledRows::scaled_step(ConstVectorRef step) const { return scale_ ? scale_->up(step) : Vector(step); }

}  // namespace optex
