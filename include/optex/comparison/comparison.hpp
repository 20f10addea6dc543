#pragma once

#include "optex/comparison/run_record.hpp"
#include "optex/comparison/standings.hpp"
#include "optex/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// What choosing the learning rate took.
struct TuningCost {
  std::size_t runs = 0;
  std::int64_t evaluations = 0;
  double seconds = 0.0;
};

/// One method with its final runs, one a seed.
struct Contender {
  std::string label;
  bool ideal = false;  ///< no machine can do this: shown, but never the winner
  Index points = 1;    ///< gradients of a round that do not wait for each other
  std::optional<double> learning_rate = std::nullopt;
  bool rate_at_edge = false;  ///< the best rate is the smallest or largest that was tried
  TuningCost tuning = {};
  std::vector<RunRecord> runs = {};
};

/// What it took a contender to reach a target.
Reach reach_of(const Contender& contender, double target);

/// The smallest F of all runs of a contender.
double smallest_value(const Contender& contender);

struct Comparison {
  int ranks = 1;
  bool noisy = false;
  std::int64_t measured_every = 1;  ///< rounds between two values of F: no count is finer than that
  std::vector<double> targets;      ///< values of F, descending
  std::string origin_of_targets;    ///< in words
  std::vector<Contender> contenders;
};

/// Whether somebody need not begin: says nothing of anybody.
bool is_met_at_start(const Comparison& comparison, double target);

/// Who was first at the tightest target that anybody reached.
struct Judgement {
  std::optional<double> target;             ///< nothing when nobody reached any
  std::vector<std::string> by_rounds;       ///< the winner; several when they tie
  std::vector<std::string> by_evaluations;  ///< the same by gradients
  std::vector<std::string> by_seconds;      ///< the same by wall time
  std::vector<std::string> lines;           ///< for people
};
Judgement verdict_on(const Comparison& comparison);

/// What people read: one table a target, one of the whole runs, the verdict.
std::string comparison_text(const Comparison& comparison);
/// compare.json and compare.csv. Numbers that do not exist (a target not reached) are null and empty.
std::string comparison_json(const Comparison& comparison);
std::string comparison_csv(const Comparison& comparison);

}  // namespace optex
