#include "optex/core/reductions.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/coordinate_sum.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/sum_lanes.hpp"
#include "optex/core/vector_clones.hpp"

#include <algorithm>
#include <atomic>
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

OPTEX_VECTOR_CLONES
double sum_part(const double* a, Index n) {
  return fixed_order_sum(
      n, [=](Index i) __attribute__((always_inline)) { return a[i]; });
}

constexpr Index piece = Index{1} << 16;  // coordinates that one thread takes at a time

/// term(first, size) of every piece of n coordinates, added up in their order, on all threads.
template <class Term>
double sum_of_pieces(Index n, Term term) {
  if (n <= piece && slices_of(n) == nullptr) return term(0, n);
  double total = 0.0;
  sum_over_coordinates(
      n, piece, 1, [&](Index i, double* part) { *part = term(i * piece, std::min(piece, n - i * piece)); },
      &total);
  return total;
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

OPTEX_VECTOR_CLONES
bool all_finite(const double* a, Index n) {
  // x - x is 0 for every finite x and NaN otherwise; the sum stays 0 exactly when all are finite.
  return fixed_order_sum(
             n, [=](Index i) __attribute__((always_inline)) { return a[i] - a[i]; }) == 0.0;
}

double dot(ConstVectorRef a, ConstVectorRef b) {
  return sum_of_pieces(a.size(),
                       [&](Index first, Index n) { return dot(a.data() + first, b.data() + first, n); });
}
double squared_norm(ConstVectorRef a) {
  return sum_of_pieces(a.size(), [&](Index first, Index n) { return squared_norm(a.data() + first, n); });
}
double norm(ConstVectorRef a) {
  constexpr double smallest = 1e-290, largest = 1e300;
  constexpr double up = 0x1p600;
  const double square = squared_norm(a);
  if (square >= smallest && square <= largest) return std::sqrt(square);
  if (std::isnan(square)) return square;
  // The squares have left the range of numbers, which the entries may not have.
  const double factor = square < smallest ? up : 1.0 / up;
  const Vector scaled = factor * a;
  return std::sqrt(squared_norm(scaled)) / factor;
}
double squared_distance(ConstVectorRef a, ConstVectorRef b) {
  return sum_of_pieces(a.size(), [&](Index first, Index n) {
    return squared_distance(a.data() + first, b.data() + first, n);
  });
}
double dot_with_difference(ConstVectorRef a, ConstVectorRef b1, ConstVectorRef b2) {
  return sum_of_pieces(a.size(), [&](Index first, Index n) {
    return dot_with_difference(a.data() + first, b1.data() + first, b2.data() + first, n);
  });
}
double sum(ConstVectorRef a) {
  return sum_of_pieces(a.size(), [&](Index first, Index n) { return sum_part(a.data() + first, n); });
}

bool all_finite(ConstVectorRef a) {
  std::atomic<bool> finite = true;
  parallel_for((a.size() + piece - 1) / piece, 1, [&](Index i) {
    if (!all_finite(a.data() + i * piece, std::min(piece, a.size() - i * piece))) finite = false;
  });
  return holds_for_all(a.size(), finite);
}

}  // namespace optex
