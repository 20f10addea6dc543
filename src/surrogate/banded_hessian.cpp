#include "optex/surrogate/banded_hessian.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/parallel_for.hpp"

#include <algorithm>

#include <Eigen/Cholesky>

namespace optex {
namespace {

constexpr double ridge = 1e-6;  // of the mean of the diagonal
constexpr Index lags = 2 * widest_band + 1;
constexpr Index stretch = 2048;  // coordinates at a time

using Small = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, lags, lags>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, lags, 1>;

Index stretches(Index length) { return (length + stretch - 1) / stretch; }

}  // namespace

BandSums::BandSums(const WeightedPairs& pairs, Index length)
    : steps_(Matrix::Zero(length, lags)), mixed_(Matrix::Zero(length, lags)) {
  parallel_for(stretches(length), 1, [&](Index part) {
    const Index first = part * stretch;
    const Index end = std::min(length, first + stretch);
    for (std::size_t i = 0; i < pairs.steps.size(); ++i) {
      const double* const s = pairs.steps[i];
      const double* const y = pairs.changes[i];
      const double weight = pairs.weights[i] * pairs.weights[i];
      for (Index k = 0; k < lags; ++k) {
        double* const out = steps_.col(k).data();
        for (Index j = first; j < std::min(end, length - k); ++j) out[j] += weight * s[j] * s[j + k];
      }
      for (Index k = 0; k < lags; ++k) {
        double* const out = mixed_.col(k).data();
        const Index shift = k - widest_band;
        for (Index j = std::max(first, -shift); j < std::min(end, length - shift); ++j)
          out[j] += weight * s[j + shift] * y[j];
      }
    }
  });
}

Matrix BandSums::hessian(Index width) const {
  const Index length = steps_.rows();
  const Index unknowns = 2 * width + 1;
  Matrix rows(length, unknowns);  // H_{j,j+k-width}
  parallel_for(stretches(length), 1, [&](Index part) {
    Small normal(unknowns, unknowns);
    SmallVector right(unknowns);
    for (Index j = part * stretch; j < std::min(length, (part + 1) * stretch); ++j) {
      for (Index p = 0; p < unknowns; ++p) {
        const Index at = j + p - width;
        const bool inside = at >= 0 && at < length;
        for (Index q = p; q < unknowns; ++q) normal(q, p) = inside ? steps_(at, q - p) : 0.0;
        right[p] = mixed_(j, p - width + widest_band);
      }
      normal.diagonal().array() += ridge * normal.diagonal().sum() / static_cast<double>(unknowns) + 1e-300;
      rows.row(j) = normal.selfadjointView<Eigen::Lower>().llt().solve(right);
    }
  });
  Matrix bands = Matrix::Zero(length, width + 1);
  for (Index k = 0; k <= std::min(width, length - 1); ++k)
    bands.col(k).head(length - k) =
        0.5 * (rows.col(width + k).head(length - k) + rows.col(width - k).tail(length - k));
  return bands;
}

double squared_error(const Matrix& hessian, const WeightedPairs& pairs) {
  constexpr Index block = 512;
  const Index length = hessian.rows();
  double total = 0.0;
  sum_over_coordinates(
      length, block, 1,
      [&](Index part, double* out) {
        double sum = 0.0;
        for (std::size_t i = 0; i < pairs.steps.size(); ++i) {
          const double* const s = pairs.steps[i];
          for (Index j = part * block; j < std::min(length, (part + 1) * block); ++j) {
            double error = pairs.changes[i][j] - hessian(j, 0) * s[j];
            for (Index k = 1; k < hessian.cols(); ++k) {
              if (j + k < length) error -= hessian(j, k) * s[j + k];
              if (j >= k) error -= hessian(j - k, k) * s[j - k];
            }
            error *= pairs.weights[i];
            sum += error * error;
          }
        }
        *out = sum;
      },
      &total);
  return total;
}

}  // namespace optex
