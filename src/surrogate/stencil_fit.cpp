#include "optex/surrogate/stencil_fit.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <set>

#include <Eigen/Cholesky>

namespace optex {
namespace {

constexpr double ridge = 1e-6;   // of the mean of the diagonal
constexpr Index stretch = 2048;  // coordinates at a time

using Small =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, most_unknowns, most_unknowns>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, most_unknowns, 1>;

Index stretches(Index length) { return (length + stretch - 1) / stretch; }

/// -k .. 0 .. k
std::vector<Index> both_ways(const Stencil& stencil) {
  std::vector<Index> offsets = {0};
  for (const Index k : stencil) {
    offsets.push_back(k);
    offsets.push_back(-k);
  }
  std::sort(offsets.begin(), offsets.end());
  return offsets;
}

Index place_of(Index value, const std::vector<Index>& values) {
  return std::lower_bound(values.begin(), values.end(), value) - values.begin();
}

}  // namespace

StencilSums::StencilSums(const WeightedPairs& pairs, Index length, const std::vector<Stencil>& stencils) {
  std::set<Index> lags, shifts;
  for (const Stencil& stencil : stencils) {
    const std::vector<Index> offsets = both_ways(stencil);
    shifts.insert(offsets.begin(), offsets.end());
    for (const Index p : offsets)
      for (const Index q : offsets)
        if (q >= p) lags.insert(q - p);
  }
  lags_.assign(lags.begin(), lags.end());
  shifts_.assign(shifts.begin(), shifts.end());
  steps_ = Matrix::Zero(length, std::ssize(lags_));
  mixed_ = Matrix::Zero(length, std::ssize(shifts_));
  parallel_for(stretches(length), 1, [&](Index part) {
    const Index first = part * stretch;
    const Index end = std::min(length, first + stretch);
    for (std::size_t i = 0; i < pairs.steps.size(); ++i) {
      const double* const s = pairs.steps[i];
      const double* const y = pairs.changes[i];
      const double weight = pairs.weights[i] * pairs.weights[i];
      for (Index place = 0; place < steps_.cols(); ++place) {
        double* const out = steps_.col(place).data();
        const Index lag = lags_[static_cast<std::size_t>(place)];
        for (Index j = first; j < std::min(end, length - lag); ++j) out[j] += weight * s[j] * s[j + lag];
      }
      for (Index place = 0; place < mixed_.cols(); ++place) {
        double* const out = mixed_.col(place).data();
        const Index shift = shifts_[static_cast<std::size_t>(place)];
        for (Index j = std::max(first, -shift); j < std::min(end, length - shift); ++j)
          out[j] += weight * s[j + shift] * y[j];
      }
    }
  });
}

StencilMatrix StencilSums::hessian(const Stencil& stencil) const {
  const Index length = steps_.rows();
  const std::vector<Index> offsets = both_ways(stencil);
  const auto unknowns = static_cast<Index>(offsets.size());
  const auto offset = [&](Index p) { return offsets[static_cast<std::size_t>(p)]; };
  std::vector<Index> lag_places, shift_places;
  for (Index p = 0; p < unknowns; ++p) {
    shift_places.push_back(place_of(offset(p), shifts_));
    for (Index q = 0; q < unknowns; ++q)
      lag_places.push_back(q >= p ? place_of(offset(q) - offset(p), lags_) : 0);
  }
  Matrix rows(length, unknowns);  // H_{j,j+offset}
  parallel_for(stretches(length), 1, [&](Index part) {
    Small normal(unknowns, unknowns);
    SmallVector right(unknowns);
    for (Index j = part * stretch; j < std::min(length, (part + 1) * stretch); ++j) {
      for (Index p = 0; p < unknowns; ++p) {
        const Index at = j + offset(p);
        const bool inside = at >= 0 && at < length;
        for (Index q = p; q < unknowns; ++q)
          normal(q, p) = inside ? steps_(at, lag_places[static_cast<std::size_t>(p * unknowns + q)]) : 0.0;
        right[p] = mixed_(j, shift_places[static_cast<std::size_t>(p)]);
      }
      normal.diagonal().array() += ridge * normal.diagonal().sum() / static_cast<double>(unknowns) + 1e-300;
      rows.row(j) = normal.selfadjointView<Eigen::Lower>().llt().solve(right);
    }
  });
  StencilMatrix hessian{stencil, Matrix::Zero(length, 1 + std::ssize(stencil))};
  const auto column = [&](Index k) { return rows.col(place_of(k, offsets)); };
  hessian.entries.col(0) = column(0);
  for (Index place = 1; place < hessian.entries.cols(); ++place) {
    const Index k = stencil[static_cast<std::size_t>(place - 1)];
    if (k < length)
      hessian.entries.col(place).head(length - k) =
          0.5 * (column(k).head(length - k) + column(-k).tail(length - k));
  }
  return hessian;
}

double squared_error(const StencilMatrix& hessian, const WeightedPairs& pairs, const Vector& mask) {
  constexpr Index block = 512;
  const Matrix& h = hessian.entries;
  const Index length = h.rows();
  double total = 0.0;
  sum_over_coordinates(
      length, block, 1,
      [&](Index part, double* out) {
        double sum = 0.0;
        for (std::size_t i = 0; i < pairs.steps.size(); ++i) {
          const double* const s = pairs.steps[i];
          for (Index j = part * block; j < std::min(length, (part + 1) * block); ++j) {
            double error = pairs.changes[i][j] - h(j, 0) * s[j];
            for (Index place = 1; place < h.cols(); ++place) {
              const Index k = hessian.stencil[static_cast<std::size_t>(place - 1)];
              if (j + k < length) error -= h(j, place) * s[j + k];
              if (j >= k) error -= h(j - k, place) * s[j - k];
            }
            error *= mask.size() > 0 ? pairs.weights[i] * mask[j] : pairs.weights[i];
            sum += error * error;
          }
        }
        *out = sum;
      },
      &total);
  return total;
}

}  // namespace optex
