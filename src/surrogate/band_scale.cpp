#include "optex/surrogate/band_scale.hpp"

#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

namespace optex {
BandScale::BandScale(Matrix hessian, double floor) {
  auto diagonal = hessian.col(0);
  diagonal = (diagonal.array() > floor).select(diagonal, diagonal.cwiseAbs().cwiseMax(floor));
  for (const double shrink : {0.0, 0.01, 0.1, 0.5}) {
    Matrix tried = hessian;
    tried.rightCols(hessian.cols() - 1) *= 1.0 - shrink;
    if (factorise(tried)) return;
  }
  factor_ = Matrix::Zero(hessian.rows(), 1);
  factor_.col(0) = hessian.col(0).cwiseSqrt();
}

bool BandScale::factorise(const Matrix& hessian) {
  factor_ = hessian;
  const Index width = hessian.cols() - 1;
  for (Index j = 0; j < hessian.rows(); ++j) {
    for (Index k = 0; k <= width; ++k)
      for (Index l = 1; l + k <= width && l <= j; ++l)
        factor_(j, k) -= factor_(j - l, l) * factor_(j - l, l + k);
    if (!(factor_(j, 0) > 0.0) || !std::isfinite(factor_(j, 0))) return false;
    const double pivot = std::sqrt(factor_(j, 0));
    factor_(j, 0) = pivot;
    for (Index k = 1; k <= width; ++k) factor_(j, k) /= pivot;
  }
  return true;
}

Vector BandScale::up(ConstVectorRef step) const {
  Vector scaled = factor_.col(0).cwiseProduct(step);
  for (Index k = 1; k < factor_.cols() && k < length(); ++k)
    scaled.head(length() - k) += factor_.col(k).head(length() - k).cwiseProduct(step.tail(length() - k));
  return scaled;
}

Vector BandScale::gradient(ConstVectorRef g) const {
  Vector scaled(length());
  for (Index j = 0; j < length(); ++j) {
    double rest = g[j];
    for (Index k = 1; k < factor_.cols() && k <= j; ++k) rest -= factor_(j - k, k) * scaled[j - k];
    scaled[j] = rest / factor_(j, 0);
  }
  return scaled;
}

Vector BandScale::down(ConstVectorRef scaled) const {
  Vector step(length());
  for (Index j = length() - 1; j >= 0; --j) {
    double rest = scaled[j];
    for (Index k = 1; k < factor_.cols() && j + k < length(); ++k) rest -= factor_(j, k) * step[j + k];
    step[j] = rest / factor_(j, 0);
  }
  return step;
}

RowSet BandScale::up(RowSet steps) const {
  const auto scale = [read = std::move(steps.read), this](Index row, Index first, Index count, double* room) {
    const Index width = factor_.cols() - 1;
    const Index there = std::min(count + width, length() - first);
    std::vector<double> copy(static_cast<std::size_t>(there));
    const double* const step = read(row, first, there, copy.data());
    for (Index i = 0; i < count; ++i) {
      room[i] = factor_(first + i, 0) * step[i];
      for (Index k = 1; k <= width && i + k < there; ++k) room[i] += factor_(first + i, k) * step[i + k];
    }
    return room;
  };
  return {steps.count, scale};
}

/// What a block needs of the one before it is made in one pass over the rows beforehand.
RowSet BandScale::gradient(RowSet gradients) const {
  const Index width = factor_.cols() - 1;
  const Index blocks = (length() + row_block - 1) / row_block;
  const auto solve = [this, width](const double* before, const double* from, Index first, Index count,
                                   double* to) {
    for (Index i = 0; i < count; ++i) {
      const Index j = first + i;
      double rest = from[i];
      for (Index k = 1; k <= width && k <= j; ++k)
        rest -= factor_(j - k, k) * (i >= k ? to[i - k] : before[width + i - k]);
      to[i] = rest / factor_(j, 0);
    }
  };
  const auto shared_ends = std::make_shared<std::vector<double>>(
      static_cast<std::size_t>(gradients.count * blocks * width + 1), 0.0);
  std::vector<double>& ends = *shared_ends;
  const auto before = [blocks, width](Index row, Index part) {
    return static_cast<std::size_t>((row * blocks + part) * width);
  };
  if (width > 0)
    parallel_for(gradients.count, 1, [&](Index row) {
      std::vector<double> room(row_block), scaled(row_block);
      for (Index part = 0; part + 1 < blocks; ++part) {
        const double* const from = gradients.read(row, part * row_block, row_block, room.data());
        solve(ends.data() + before(row, part), from, part * row_block, row_block, scaled.data());
        std::copy_n(scaled.data() + row_block - width, width, ends.data() + before(row, part + 1));
      }
    });
  return {gradients.count, [read = std::move(gradients.read), shared_ends, solve, before](
                               Index row, Index first, Index count, double* room) {
            std::vector<double> copy(static_cast<std::size_t>(count));
            const double* const from = read(row, first, count, copy.data());
            solve(shared_ends->data() + before(row, first / row_block), from, first, count, room);
            return room;
          }};
}

}  // namespace optex
