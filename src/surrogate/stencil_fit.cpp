#include "optex/surrogate/stencil_fit.hpp"

#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <set>

#include <Eigen/Cholesky>

namespace optex {
namespace {

constexpr double ridge = 1e-6;   // of the mean of the diagonal
constexpr Index at_once = 2048;  // coordinates

using Small =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, most_unknowns, most_unknowns>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, most_unknowns, 1>;

/// Coordinates [first, end) of a stretch.
struct Part {
  Index first, end;
  Slice stretch;

  bool has(Index j) const { return j >= stretch.first && j < stretch.first + stretch.size; }
};

std::vector<Part> parts_of(const std::vector<Slice>& stretches) {
  std::vector<Part> parts;
  for (const Slice& stretch : stretches) {
    const Index end = stretch.first + stretch.size;
    for (Index first = stretch.first; first < end; first += at_once)
      parts.push_back({first, std::min(end, first + at_once), stretch});
  }
  return parts;
}

/// work(part), on all threads.
template <class Work>
void for_parts(const std::vector<Slice>& stretches, const Work& work) {
  const std::vector<Part> parts = parts_of(stretches);
  parallel_for(std::ssize(parts), 1, [&](Index i) { work(parts[static_cast<std::size_t>(i)]); });
}

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

StencilSums::StencilSums(const WeightedPairs& pairs, const std::vector<Slice>& stretches,
                         const std::vector<Stencil>& stencils)
    : stretches_(stretches) {
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
  const Index length = stretches.empty() ? 0 : stretches.back().first + stretches.back().size;
  steps_ = Matrix::Zero(length, std::ssize(lags_));
  mixed_ = Matrix::Zero(length, std::ssize(shifts_));
  for_parts(stretches_, [&](const Part& part) {
    const Index stretch_end = part.stretch.first + part.stretch.size;
    for (std::size_t i = 0; i < pairs.steps.size(); ++i) {
      const double* const s = pairs.steps[i];
      const double* const y = pairs.changes[i];
      const double weight = pairs.weights[i] * pairs.weights[i];
      for (Index place = 0; place < steps_.cols(); ++place) {
        double* const out = steps_.col(place).data();
        const Index lag = lags_[static_cast<std::size_t>(place)];
        for (Index j = part.first; j < std::min(part.end, stretch_end - lag); ++j)
          out[j] += weight * s[j] * s[j + lag];
      }
      for (Index place = 0; place < mixed_.cols(); ++place) {
        double* const out = mixed_.col(place).data();
        const Index shift = shifts_[static_cast<std::size_t>(place)];
        const Index first = std::max(part.first, part.stretch.first - shift);
        for (Index j = first; j < std::min(part.end, stretch_end - shift); ++j)
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
  for_parts(stretches_, [&](const Part& part) {
    Small normal(unknowns, unknowns);
    SmallVector right(unknowns);
    for (Index j = part.first; j < part.end; ++j) {
      for (Index p = 0; p < unknowns; ++p) {
        const Index at = j + offset(p);
        const bool inside = part.has(at);
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
    for (const Slice& stretch : stretches_)
      if (k < stretch.size)
        hessian.entries.col(place).segment(stretch.first, stretch.size - k) =
            0.5 * (column(k).segment(stretch.first, stretch.size - k) +
                   column(-k).segment(stretch.first + k, stretch.size - k));
  }
  return hessian;
}

std::vector<double> squared_errors(const StencilMatrix& hessian, const WeightedPairs& pairs,
                                   const std::vector<Slice>& stretches, const Vector& mask) {
  constexpr Index block = 512;
  const Matrix& h = hessian.entries;
  const auto error_at = [&](const double* s, double y, Index j) {
    double error = y - h(j, 0) * s[j];
    for (Index place = 1; place < h.cols(); ++place) {
      const Index k = hessian.stencil[static_cast<std::size_t>(place - 1)];
      if (j + k < h.rows()) error -= h(j, place) * s[j + k];
      if (j >= k) error -= h(j - k, place) * s[j - k];
    }
    return error;
  };
  std::vector<double> totals;
  for (const Slice& stretch : stretches) {
    const auto term = [&](Index part, double* out) {
      double sum = 0.0;
      const Index first = stretch.first + part * block;
      const Index end = std::min(stretch.first + stretch.size, first + block);
      for (std::size_t i = 0; i < pairs.steps.size(); ++i)
        for (Index j = first; j < end; ++j) {
          const double weight = mask.size() > 0 ? pairs.weights[i] * mask[j] : pairs.weights[i];
          const double error = weight * error_at(pairs.steps[i], pairs.changes[i][j], j);
          sum += error * error;
        }
      *out = sum;
    };
    double total = 0.0;
    parallel_sum((stretch.size + block - 1) / block, 1, term, &total);
    totals.push_back(total);
  }
  return totals;
}

}  // namespace optex
