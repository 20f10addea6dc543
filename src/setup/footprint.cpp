#include "optex/setup/footprint.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/fold_tree.hpp"
#include "optex/evaluation/work_plan.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/quorum.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/update_rule.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <unistd.h>

namespace optex {

bool is_noisy(const Config& config) {
  if (config.is_on("problem.noisy")) return true;
  return config.text("problem.noise.kind") != "none" || config.integer_if_set("data.batch").value_or(0) > 0;
}

bool f_moves(const Config& config) { return config.text("problem.name") == "dqn"; }

bool spreads_history(const Config& config) { return config.is_on("parallel.spread_history"); }

bool is_bounded(const Config& config) { return config.has("problem.lower") || config.has("problem.upper"); }

Index points_a_round(const Config& config) {
  using Points = MethodTraits::Points;
  const Points points = method_entry(config.text("method.name")).traits.points;
  if (points == Points::one || (points == Points::several_if_noisy && !is_noisy(config))) return 1;
  return config.integer("method.parallelism") * config.integer("method.batches_per_point");
}

Index batches_at_a_point(const Config& config) {
  return effective_traits(config).averages_batches ? config.integer("method.batches_per_point") : 1;
}

Index history_capacity(const Config& config, Index dimension) {
  if (!effective_traits(config, dimension).keeps_history) return 0;
  const Index history = config.integer("method.history");
  return history > 0 ? history : Optex::default_history(config.integer("method.parallelism"));
}

namespace {

/// Points of earlier rounds whose answers may still be missing (failure.quorum).
Index outstanding_points(const Config& config, Index points, int ranks) {
  return ranks > 1 ? points - answers_to_close(config.real("failure.quorum"), points) : 0;
}

/// Rows of the dimension that rank 0 keeps so that a failure does not end the run.
double failure_rows(const Config& config, Index points, int ranks) {
  double rows = 0.0;
  // The last good iterate, and, when the iterate fails, copies of the gradients of the other points.
  if (config.text("failure.evaluation") == "drop") rows += 1.0 + static_cast<double>(points);
  // In the state, with the ranks that compute them, and their gradients when they come.
  rows += 3.0 * static_cast<double>(outstanding_points(config, points, ranks));
  return rows;
}

/// Data by rank when each keeps its own shards; `test` on rank 0.
void spread_data(Footprint& need, const WorkPlan& plan, const std::vector<double>& shard_bytes, double test) {
  std::vector<double> bytes(static_cast<std::size_t>(need.ranks), 0.0);
  std::vector<Index> tasks(bytes.size(), 0);
  for (const Portion& portion : plan.of_point(0)) {
    const auto rank = static_cast<std::size_t>(portion.rank);
    tasks[rank] += need.points * portion.shards.size();
    for (Index shard = portion.shards.begin; shard < portion.shards.end; ++shard)
      bytes[rank] += shard_bytes[static_cast<std::size_t>(shard)];
  }
  need.data_bytes = test + bytes.front();
  need.busiest_tasks = *std::max_element(tasks.begin(), tasks.end());
  if (need.ranks == 1) return;
  need.worker_data_bytes = *std::max_element(bytes.begin() + 1, bytes.end());
  need.least_data_bytes = *std::min_element(bytes.begin() + 1, bytes.end());
}

/// Rank 0's vectors on all ranks that hold slices. The gradients of a round come to rank 0 whole, when no
/// more than points and predictions are there in slices, and so does one vector on its way.
void spread_state(Footprint& need, double row) {
  need.slice_holders = static_cast<int>(cut_into_slices(need.dimension, need.ranks).size());
  const auto holders = static_cast<double>(need.slice_holders);
  if (need.slice_holders == 1) return;
  for (double* const bytes : {&need.history_bytes, &need.moment_bytes, &need.round_bytes}) *bytes /= holders;
  need.slice_bytes = need.history_bytes + need.table_bytes + need.moment_bytes + need.round_bytes;
  const auto points = static_cast<double>(need.points);
  need.round_bytes = std::max(need.round_bytes, (2.0 * points / holders + points + 1.0) * row);
  const double elsewhere = points * row * (1.0 - 1.0 / holders);
  need.received_bytes += elsewhere;  // points
  need.sent_bytes += elsewhere;      // gradients
}

/// Where it starts; an objective that cannot start is reported by whoever starts it.
bool knows_hessian(const Objective& objective) {
  try {
    return !objective.known_hessian(objective.initial_point()).empty();
  } catch (const InfeasiblePoint&) {
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Products of pairs with each other.
double table_bytes(Index history) {
  return 3.0 * 8.0 * static_cast<double>(history) * static_cast<double>(history);
}

}  // namespace

Footprint footprint(const Config& config, Index dimension, Index shards, double data_bytes, int ranks,
                    const std::vector<double>& shard_bytes, bool knows_hessian) {
  Footprint need;
  need.dimension = dimension;
  need.shards = shards;
  need.ranks = ranks;
  need.points = points_a_round(config);
  need.history = history_capacity(config, dimension);
  need.data_bytes = need.worker_data_bytes = need.least_data_bytes = data_bytes;

  const MethodTraits& method = effective_traits(config, dimension);
  const double row = 8.0 * static_cast<double>(dimension);
  const auto count = [](auto n) { return static_cast<double>(n); };
  const std::shared_ptr<const Optimizer> optimizer = assemble_optimizer(config);
  const double moments = optimizer && method.has_optimizer ? count(optimizer->moment_count()) : 0.0;
  const bool single = need.history > 0 && config.text("estimator.precision") == "f32";
  // In single precision half of it, and the origin.
  need.history_bytes = 2.0 * count(need.history) * row * (single ? 0.5 : 1.0) + (single ? row : 0.0);
  need.table_bytes = table_bytes(need.history);
  need.moment_bytes = (2.0 + (method.keeps_states ? count(need.points) : 0.0)) * moments * row;
  need.round_bytes = (3.0 * count(need.points) + 2.0) * row;
  need.worker_bytes = (3.0 + std::ceil(std::log2(count(shards)))) * row;
  double extra_rows = 0.0;
  if (method.rows != nullptr) {
    const KeptRows kept = method.rows(config, need.points, dimension);
    if (kept.pairs > 0) need.history = kept.pairs;
    if (kept.history > 0.0) {
      need.history_bytes = kept.history * row;
      need.table_bytes = table_bytes(need.history);
    }
    extra_rows = kept.state;
    need.round_bytes += (kept.round + (knows_hessian ? kept.known : 0.0)) * row;
  }
  if (config.is("method.average", "tail")) extra_rows += 1.0;
  // The best point, where gradients are exact.
  if (!is_noisy(config)) extra_rows += 1.0;
  need.moment_bytes += extra_rows * row;
  if (is_bounded(config)) need.moment_bytes += 2.0 * row;  // optimizer and method share them
  if (config.has("problem.scale")) need.moment_bytes += row;
  need.failure_bytes = failure_rows(config, need.points, ranks) * row;
  const double good_iterate = config.text("failure.evaluation") == "drop" ? 1.0 : 0.0;
  const double outstanding = count(outstanding_points(config, need.points, ranks));
  need.checkpoint_bytes =
      (1.0 + moments + extra_rows + good_iterate + outstanding) * row + need.history_bytes;

  const std::vector<int> evaluating =
      evaluating_ranks(ranks, config.boolean("parallel.coordinator_evaluates"));
  need.evaluating_ranks = static_cast<int>(evaluating.size());
  need.tasks = need.points * shards;
  need.busiest_tasks = (need.tasks + need.evaluating_ranks - 1) / need.evaluating_ranks;
  const bool by_shard = keeps_by_shard(config);
  const WorkPlan plan = by_shard ? WorkPlan::by_shard(need.points, shards, evaluating)
                                 : WorkPlan(need.points, shards, evaluating);
  if (by_shard && std::ssize(shard_bytes) == shards) spread_data(need, plan, shard_bytes, data_bytes);
  for (Index point = 0; point < need.points; ++point) {
    for (const Portion& portion : plan.of_point(point)) {
      if (portion.rank == 0) continue;
      need.sent_bytes += row;
      need.received_bytes += count(covering_nodes(shards, portion.shards).size()) * row;
    }
  }
  if (spreads_history(config)) spread_state(need, row);
  return need;
}

Footprint footprint(const Config& config, const Problem& problem, int ranks) {
  const Objective& objective = *problem.objective;
  return footprint(config, objective.dimension(), objective.shard_count(), problem.data_bytes, ranks,
                   problem.shard_bytes, knows_hessian(objective));
}

std::string spread_note(const Config& config, const Footprint& need) {
  if (!spreads_history(config) || need.slice_holders > 1) return "";
  if (need.ranks == 1) return "parallel.spread_history has no effect on one rank";
  return fmt::format(
      "parallel.spread_history has no effect: slices have at least 65536 coordinates, and the problem has {}",
      need.dimension);
}

void refuse_oversized(const Footprint& need, double machine_bytes) {
  if (machine_bytes <= 0.0 || need.first_host_total() <= machine_bytes) return;
  throw UsageError(fmt::format(
      "{} coordinates with a history of {} need {} ({} of it for the history's tables) on rank "
      "0{}, but this machine has {}; make problem.dimension, method.history or method.parallelism "
      "smaller",
      need.dimension, need.history, bytes_text(need.first_host_total()), bytes_text(need.table_bytes),
      need.slices_beside > 0
          ? fmt::format(" and the {} ranks beside it that share the history", need.slices_beside)
          : "",
      bytes_text(machine_bytes)));
}

void refuse_dimension_beyond_memory(std::string_view key, Index dimension) {
  const double least = 4.0 * 8.0 * static_cast<double>(dimension);
  const double machine = machine_memory();
  if (machine <= 0.0 || least <= machine) return;
  throw UsageError(fmt::format("{}: a gradient of {} coordinates needs at least {}, but this machine has {}",
                               key, dimension, bytes_text(least), bytes_text(machine)));
}

double machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<double>(pages) * static_cast<double>(page) : 0.0;
}

std::string bytes_text(double bytes) {
  constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(units)) {
    bytes /= 1000.0;
    ++unit;
  }
  return fmt::format("{:.3g} {}", bytes, units[unit]);
}

}  // namespace optex
