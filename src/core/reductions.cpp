#include "optex/core/reductions.hpp"

#include "optex/core/sum_lanes.hpp"
#include "optex/core/vector_clones.hpp"

#include <cmath>

namespace optex {
namespace {

template <class Term>
OPTEX_INLINE double fixed_order_sum(Index n, Term term) {
  double lane[sum_lanes] = {};
  Index i = 0;
  for (; i + sum_lanes <= n; i += sum_lanes)
    for (Index k = 0; k < sum_lanes; ++k) lane[k] += term(i + k);
  for (Index k = 0; i < n; ++i, ++k) lane[k] += term(i);
  return fold_lanes(lane);
}

}  // namespace

OPTEX_VECTOR_CLONES
double dot(const double* a, const double* b, Index n) {
  return fixed_order_sum(
      n, [=](Index i) __attribute__((always_inline)) { return a[i] * b[i]; });
}

OPTEX_VECTOR_CLONES
double squared_norm(const double* a, Index n) {
  return fixed_order_sum(
      n, [=](Index i) __attribute__((always_inline)) { return a[i] * a[i]; });
}

OPTEX_VECTOR_CLONES
double squared_distance(const double* a, const double* b, Index n) {
  return fixed_order_sum(
      n, [=](Index i) __attribute__((always_inline)) {
        const double difference = a[i] - b[i];
        return difference * difference;
      });
}

OPTEX_VECTOR_CLONES
double dot_with_difference(const double* a, const double* b1, const double* b2, Index n) {
  return fixed_order_sum(
      n, [=](Index i) __attribute__((always_inline)) { return a[i] * (b1[i] - b2[i]); });
}

double dot(ConstVectorRef a, ConstVectorRef b) { return dot(a.data(), b.data(), a.size()); }
double squared_norm(ConstVectorRef a) { return squared_norm(a.data(), a.size()); }
double norm(ConstVectorRef a) { return std::sqrt(squared_norm(a)); }
double squared_distance(ConstVectorRef a, ConstVectorRef b) {
  return squared_distance(a.data(), b.data(), a.size());
}
OPTEX_VECTOR_CLONES
double sum(ConstVectorRef a) {
  return fixed_order_sum(
      a.size(), [data = a.data()](Index i) __attribute__((always_inline)) { return data[i]; });
}

OPTEX_VECTOR_CLONES
bool all_finite(ConstVectorRef a) {
  // x - x is 0 for every finite x and NaN otherwise; the sum stays 0 exactly when all are finite.
  return fixed_order_sum(
             a.size(), [data = a.data()](Index i)
                           __attribute__((always_inline)) { return data[i] - data[i]; }) == 0.0;
}

}  // namespace optex
