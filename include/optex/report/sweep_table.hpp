#pragma once

#include "optex/report/run_status.hpp"
#include "optex/setup/sweep.hpp"

#include <string>
#include <vector>

/// The runs of a sweep in one table.
namespace optex {

/// One a run, in the order of the sweep.
std::vector<RunStatus> gather_sweep(const Sweep& sweep);

/// sweep.csv: index, folder, one column a swept key, state, reason, iterations, evaluations, seconds,
/// final_value, best_value, exit_code, the problem's measures. Numbers that do not exist are empty.
std::string sweep_csv(const Sweep& sweep, const std::vector<RunStatus>& runs);

/// sweep.json: the same with the swept values, and what the seeds of one setting come to.
std::string sweep_json(const Sweep& sweep, const std::vector<RunStatus>& runs);

/// What people read: one line a setting, median [smallest, largest] over its seeds, best first.
std::string sweep_text(const Sweep& sweep, const std::vector<RunStatus>& runs);

/// "12 runs: 10 finished, 1 failed, 1 waiting".
std::string sweep_summary(const std::vector<RunStatus>& runs);

}  // namespace optex
