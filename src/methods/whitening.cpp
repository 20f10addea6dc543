#include "whitening.hpp"

#include "optex/core/vector_clones.hpp"

#include <algorithm>
#include <cmath>

namespace optex::whitening {
namespace {

constexpr Index numbers_a_line = 8;

OPTEX_VECTOR_CLONES
void subtract_weighted(const double* __restrict row, double weight, double* __restrict rest, Index size) {
  for (Index k = 0; k < size; k += numbers_a_line) __builtin_prefetch(row + block + k, 0, 2);
  for (Index k = 0; k < size; ++k) rest[k] -= weight * row[k];
}

OPTEX_VECTOR_CLONES
void step_along(const Scaling& rule, const double* __restrict rest, double rate, const double* __restrict v,
                double* __restrict z, Index size) {
  const auto [beta2, correction, epsilon] = rule;
  for (Index k = 0; k < size; ++k) z[k] -= rate * rest[k] / (std::sqrt(v[k] * correction) + epsilon);
}

}  // namespace

OPTEX_VECTOR_CLONES
void renew_scales(const Scaling& rule, const double* __restrict g, double* __restrict v,
                  double* __restrict inverse, Index size) {
  const auto [beta2, correction, epsilon] = rule;
  for (Index k = 0; k < size; ++k) {
    v[k] = beta2 * v[k] + (1.0 - beta2) * (g[k] * g[k]);
    inverse[k] = 1.0 / std::sqrt(std::sqrt(v[k] * correction) + epsilon);
  }
}

OPTEX_VECTOR_CLONES
void subtract(const double* __restrict a, const double* __restrict b, double* __restrict to, Index size) {
  for (Index k = 0; k < size; ++k) to[k] = a[k] - b[k];
}

OPTEX_VECTOR_CLONES
void scale_row(const double* __restrict a, const double* __restrict factor, double* __restrict to, Index size,
               Index filled) {
  for (Index k = 0; k < size; k += numbers_a_line) __builtin_prefetch(a + block + k, 0, 2);
  for (Index k = 0; k < size; ++k) to[k] = a[k] * factor[k];
  for (Index k = size; k < filled; ++k) to[k] = 0.0;
}

void step(const Scaling& rule, const double* g, const std::vector<const double*>& rows,
          const std::vector<double>& weights, double rate, const double* v, double* z, Index first,
          Index size) {
  double rest[block];
  std::copy_n(g, size, rest);
  for (std::size_t i = 0; i < weights.size(); ++i) subtract_weighted(rows[i] + first, weights[i], rest, size);
  step_along(rule, rest, rate, v, z, size);
}

}  // namespace optex::whitening
