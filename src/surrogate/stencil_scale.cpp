#include "optex/surrogate/stencil_scale.hpp"

#include "optex/core/coordinate_slices.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace optex {
namespace {

constexpr double least_pivot = 1e-3;  // of the diagonal, where the factor is incomplete

/// The column for offset k, or -1.
Index column_of(Index k, const Stencil& stencil) {
  const auto at = std::lower_bound(stencil.begin(), stencil.end(), k);
  return at != stencil.end() && *at == k ? at - stencil.begin() + 1 : -1;
}

}  // namespace

StencilScale::StencilScale(StencilMatrix hessian, double floor) {
  auto diagonal = hessian.entries.col(0);
  diagonal = (diagonal.array() > floor).select(diagonal, diagonal.cwiseAbs().cwiseMax(floor));
  for (const double shrink : {0.0, 0.01, 0.03, 0.1, 0.25, 0.5}) {
    StencilMatrix tried = hessian;
    tried.entries.rightCols(hessian.entries.cols() - 1) *= 1.0 - shrink;
    if (holds_for_all(length(), factorise(tried))) return;
  }
  factor_ = {{}, hessian.entries.col(0).cwiseSqrt()};
}

bool StencilScale::factorise(const StencilMatrix& hessian) {
  factor_ = hessian;
  Matrix& c = factor_.entries;
  const Stencil& stencil = factor_.stencil;
  // Of column j - l: C_{j+k,j-l} C_{j,j-l} for all k whose k + l is an offset too.
  struct Term {
    Index offset, column, ours, theirs;
  };
  std::vector<Term> terms;
  for (Index ours = 0; ours < c.cols(); ++ours)
    for (Index column = 1; column < c.cols(); ++column) {
      const Index l = stencil[static_cast<std::size_t>(column - 1)];
      const Index k = ours == 0 ? 0 : stencil[static_cast<std::size_t>(ours - 1)];
      const Index theirs = column_of(k + l, stencil);
      if (theirs > 0) terms.push_back({l, column, ours, theirs});
    }
  const double least = is_band(stencil) ? 0.0 : least_pivot;
  for (Index j = 0; j < c.rows(); ++j) {
    const double enough = least * c(j, 0);
    for (const Term& term : terms)
      if (term.offset <= j)
        c(j, term.ours) -= c(j - term.offset, term.column) * c(j - term.offset, term.theirs);
    if (!(c(j, 0) > enough) || !std::isfinite(c(j, 0))) return false;
    const double pivot = std::sqrt(c(j, 0));
    c(j, 0) = pivot;
    for (Index k = 1; k < c.cols(); ++k) c(j, k) /= pivot;
  }
  return true;
}

Vector StencilScale::up(ConstVectorRef step) const {
  const Matrix& c = factor_.entries;
  Vector scaled = c.col(0).cwiseProduct(step);
  for (Index column = 1; column < c.cols(); ++column) {
    const Index rest = length() - factor_.stencil[static_cast<std::size_t>(column - 1)];
    if (rest > 0) scaled.head(rest) += c.col(column).head(rest).cwiseProduct(step.tail(rest));
  }
  return scaled;
}

Vector StencilScale::gradient(ConstVectorRef gradient) const {
  const Matrix& c = factor_.entries;
  Vector g = gradient;
  for (Index j = 0; j < length(); ++j) {
    double rest = g[j];
    for (Index column = 1; column < c.cols(); ++column) {
      const Index k = factor_.stencil[static_cast<std::size_t>(column - 1)];
      if (k > j) break;
      rest -= c(j - k, column) * g[j - k];
    }
    g[j] = rest / c(j, 0);
  }
  return g;
}

Vector StencilScale::down(ConstVectorRef scaled) const {
  const Matrix& c = factor_.entries;
  Vector step = scaled;
  for (Index j = length() - 1; j >= 0; --j) {
    double rest = step[j];
    for (Index column = 1; column < c.cols(); ++column) {
      const Index k = factor_.stencil[static_cast<std::size_t>(column - 1)];
      if (j + k >= length()) break;
      rest -= c(j, column) * step[j + k];
    }
    step[j] = rest / c(j, 0);
  }
  return step;
}

RowSet StencilScale::up(RowSet steps) const {
  const auto scale = [read = std::move(steps.read), this](Index row, Index first, Index count, double* room) {
    const Matrix& c = factor_.entries;
    const Index reach = factor_.stencil.empty() ? 0 : factor_.stencil.back();
    const Index there = std::min(count + reach, length() - first);
    std::vector<double> copy(static_cast<std::size_t>(there));
    const double* const step = read(row, first, there, copy.data());
    for (Index i = 0; i < count; ++i) room[i] = c(first + i, 0) * step[i];
    for (Index column = 1; column < c.cols(); ++column) {
      const Index k = factor_.stencil[static_cast<std::size_t>(column - 1)];
      for (Index i = 0; i < count && i + k < there; ++i) room[i] += c(first + i, column) * step[i + k];
    }
    return room;
  };
  return {steps.count, scale};
}

}  // namespace optex
