#pragma once

#include "optex/core/types.hpp"

/// Sums over long vectors in one fixed order.
///
/// Every sum runs in 32 interleaved lanes that are folded pairwise at the end, so its digits depend on the
/// data alone: not on the vector width of the machine, on the alignment of the memory, on optimisation or on
/// threads. (Eigen's own reductions start at the first aligned address, so the same numbers elsewhere in
/// memory can give another last digit.) Those of whole vectors go through pieces of 65,536 entries, on all
/// threads, whose sums are added in their order (sum_over_coordinates(): of a slice, with those of the other
/// ranks). Cost: one pass over the arguments.
namespace optex {

double dot(const double* a, const double* b, Index n);
double squared_norm(const double* a, Index n);
double squared_distance(const double* a, const double* b, Index n);

/// a'(b1 - b2)
double dot_with_difference(const double* a, const double* b1, const double* b2, Index n);

/// True when no entry is NaN or infinite.
bool all_finite(const double* a, Index n);

double dot(ConstVectorRef a, ConstVectorRef b);
double squared_norm(ConstVectorRef a);
double norm(ConstVectorRef a);
double squared_distance(ConstVectorRef a, ConstVectorRef b);
double dot_with_difference(ConstVectorRef a, ConstVectorRef b1, ConstVectorRef b2);
double sum(ConstVectorRef a);

/// The same on all threads; of a slice, the slices of all ranks.
bool all_finite(ConstVectorRef a);

}  // namespace optex
