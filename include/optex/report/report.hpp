#pragma once

#include "optex/comparison/standings.hpp"
#include "optex/report/reported_run.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// Runs that differ in nothing but the seed: one curve with a band.
struct RunGroup {
  std::string label;
  std::vector<std::size_t> runs;  ///< places in Report::runs
  bool ideal = false;
};

struct ReportTarget {
  double value = 0.0;
  std::string text;                ///< "F <= 0.101", in as many digits as tell it from the others
  std::optional<double> gap = {};  ///< above the best F seen
  std::vector<Reach> groups = {};  ///< one a group
};

/// A configured key that not all groups have the same; one text a group, empty where it is not set.
struct KeyRow {
  std::string key;
  std::vector<std::string> values;
};

/// Everything that the page, the pictures and the tables are made from.
struct Report {
  std::string title;
  std::vector<ReportedRun> runs;
  std::vector<RunGroup> groups;
  bool one_problem = true;        ///< all runs minimise the same function: values can be compared
  bool moves = false;             ///< F becomes another one from round to round: values cannot be compared
  std::string measure;            ///< of the problem's own ones, that which then stands in for F
  std::string origin_of_targets;  ///< in words
  std::vector<ReportTarget> targets;  ///< descending; none for runs of different problems
  std::vector<KeyRow> differences;
  std::vector<std::string> findings;  ///< what there is to see, in sentences, the most important first
  Cost by = Cost::rounds;             ///< what tables are sorted by
};

struct ReportOptions {
  std::vector<double> targets = {};  ///< values of F; none: gaps to the best F seen
  Cost by = Cost::rounds;            ///< what tables are sorted by
};

/// Groups the runs, names the groups by what sets them apart, counts what it took to the targets: those asked
/// for, a comparison's own, or gaps to the best F seen.
Report make_report(std::vector<ReportedRun> runs, const ReportOptions& options = {});

/// Those that take part in a ranking (not the ideal) and came to the target, the cheapest first.
std::vector<Place> ranking(const Report& report, const ReportTarget& target, Cost cost);

/// For a terminal: a line a group, a column a target, sorted by what it took to the tightest; empty without
/// targets.
std::string ranking_text(const Report& report);

}  // namespace optex
