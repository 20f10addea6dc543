#pragma once

#include "optex/comparison/run_record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace optex {

/// Learning rates to try: `centre` times the powers of two from 1/8 to 8, from the centre outwards.
std::vector<double> learning_rate_grid(double centre);

/// The best of at least one run: fewest rounds to the tightest target that any of them reached, among equal
/// ones the smallest final value, then the first. `targets` descend; without one reached the final value
/// alone decides.
std::size_t best_run(const std::vector<RunRecord>& runs, const std::vector<double>& targets);

/// Fewest rounds in which one of the runs reached `target`: another one that has not come there by then
/// cannot be better.
std::optional<std::int64_t> fewest_rounds(const std::vector<RunRecord>& runs, double target);

/// Loose, medium and tight: the smallest values that a run had reached after 25, 50 and 100 % of its rounds,
/// descending. Rounded up to few digits, so that they are what is shown and differ in it. Without the value
/// of the start: fewer for a run that made no progress.
std::vector<double> targets_from(const RunRecord& run);

}  // namespace optex
