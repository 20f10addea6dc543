#pragma once

#include "optex/core/types.hpp"

#include <functional>

namespace optex {

/// How many threads of this process share the sweeps over long vectors, the calling one included. 1 until it
/// is set. Never influences numbers: whatever is summed over pieces is folded in the order of the pieces. To
/// be set while no sweep runs.
void set_thread_count(int threads);
int thread_count();

/// Calls work(i) once for every i in [0, count), on any thread and in any order, `grain` neighbours at a
/// time, and returns when all are done. Idle threads sleep. What `work` throws is thrown here (the first of
/// it). A call from within `work` runs on its own thread alone.
void parallel_for(Index count, Index grain, const std::function<void(Index)>& work);

/// Calls term(i, partial) once for every i in [first, last), on any thread, with room for `width` numbers,
/// which are not cleared before, and then add(i, partial) on this thread, in the order of i.
void parallel_fold(Index first, Index last, Index width, const std::function<void(Index, double*)>& term,
                   const std::function<void(Index, const double*)>& add);

/// totals_k = sum over i in [0, count) of what term(i, partial) writes into partial_k, k < width, added up in
/// the order of i on any number of threads. `partial` is not cleared before.
void parallel_sum(Index count, Index width, const std::function<void(Index, double*)>& term, double* totals);

/// to = from, n numbers, shared among the threads.
void parallel_copy(const double* from, double* to, Index n);

}  // namespace optex
