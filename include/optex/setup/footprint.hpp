#pragma once

#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace optex {

struct Problem;

/// What a run costs in memory, messages and disk, by formula: known before anything is allocated. Bytes, held
/// as doubles because a mistyped dimension may overflow integers. Small things (buffers, what a fit works
/// with) are left out.
struct Footprint {
  Index dimension = 0, shards = 1, history = 0, points = 1;
  int ranks = 1;

  double history_bytes = 0.0;  ///< rank 0: 2 T0 d, pairs of point and gradient
  double table_bytes = 0.0;    ///< 3 T0^2, products of pairs, on every rank that has a part of the history
  double moment_bytes = 0.0;   ///< rank 0: m d, and m d more along the chain
  double round_bytes =
      0.0;  ///< rank 0: points, predictions and gradients of a round, 3 N d, and 2 d of its own
  /// Rank 0: what failure.evaluation = "drop", failure.lost_rank = "continue" and failure.quorum keep beyond
  /// that.
  double failure_bytes = 0.0;
  double worker_bytes = 0.0;       ///< a rank that evaluates: point, gradient, partial sums
  int slice_holders = 1;           ///< ranks that share the history (parallel.spread_history)
  double slice_bytes = 0.0;        ///< of each of these but rank 0: its slice of the state and of the round
  int slices_beside = 0;           ///< other ranks on rank 0's host that hold slices, where that is known
  double data_bytes = 0.0;         ///< rank 0
  double worker_data_bytes = 0.0;  ///< of the other ranks that which has most, and that which has least
  double least_data_bytes = 0.0;
  double sent_bytes = 0.0;      ///< by rank 0 in a round
  double received_bytes = 0.0;  ///< by rank 0 in a round
  double checkpoint_bytes = 0.0;

  Index tasks = 1;          ///< points x shards of a round
  Index busiest_tasks = 1;  ///< of the rank that has most of them
  int evaluating_ranks = 1;

  double coordinator_total() const {
    return history_bytes + table_bytes + moment_bytes + round_bytes + failure_bytes + worker_bytes +
           data_bytes;
  }
  /// Rank 0 and those beside it.
  double first_host_total() const { return coordinator_total() + slices_beside * worker_total(); }
  double worker_total() const { return worker_bytes + worker_data_bytes + slice_bytes; }
};

/// For a problem of `dimension` coordinates and `shards` shards. data_bytes, shard_bytes: as Problem has
/// them.
Footprint footprint(const Config& config, Index dimension, Index shards, double data_bytes, int ranks,
                    const std::vector<double>& shard_bytes = {}, bool knows_hessian = false);
/// The same of a problem that is there.
Footprint footprint(const Config& config, const Problem& problem, int ranks);

/// Why a history that was to be spread stands on rank 0 all the same; empty when it does not.
std::string spread_note(const Config& config, const Footprint& need);

/// Throws UsageError when rank 0 needs more than all the memory of this machine: better than being killed for
/// it.
void refuse_oversized(const Footprint& need, double machine_bytes);

/// The least that any rank needs, asked for before it is allocated: the kernel would grant it and kill the
/// process when it is used. `key`: what the dimension follows from. Throws UsageError.
void refuse_dimension_beyond_memory(std::string_view key, Index dimension);

/// Physical memory of this machine; 0 when it cannot be told.
double machine_memory();

/// "1.5 GB", "640 B": three digits, powers of 1000.
std::string bytes_text(double bytes);

/// True when gradients depend on a random draw: mini-batches, or noise that was asked for.
bool is_noisy(const Config& config);

/// True when F becomes another one from round to round, so that its values cannot be set against each other.
bool f_moves(const Config& config);

/// parallel.spread_history, where the method has it.
bool spreads_history(const Config& config);
/// problem.lower or problem.upper.
bool is_bounded(const Config& config);

/// Gradients that are evaluated side by side in a round, and the pairs that the history holds (0 for
/// methods that keep none).
Index points_a_round(const Config& config);
Index history_capacity(const Config& config, Index dimension = 0);

/// Mini-batches whose gradients are averaged wherever the method asks for one gradient. 1 for methods that
/// want each of them by itself: these have so many more points.
Index batches_at_a_point(const Config& config);

}  // namespace optex
