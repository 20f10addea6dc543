#pragma once

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

/// What it took a group to reach a target: medians over its runs; a run that did not counts as infinite.
struct GroupReach {
  std::size_t reached = 0;
  std::optional<double> rounds, evaluations, seconds;             ///< nothing when not reached
  std::optional<double> fewer_rounds, fewer_evaluations, faster;  ///< the reference's over these
};

struct ReportTarget {
  double value = 0.0;
  std::vector<GroupReach> groups;  ///< one a group
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
  bool one_problem = true;            ///< all runs minimise the same function: values can be compared
  std::size_t reference = 0;          ///< the group that the others are measured by
  std::string origin_of_targets;      ///< in words
  std::vector<ReportTarget> targets;  ///< descending; none for runs of different problems
  std::vector<KeyRow> differences;
  std::vector<std::string> findings;  ///< what there is to see, in sentences, the most important first
};

struct ReportOptions {
  std::vector<double> targets = {};  ///< values of F; none: from the reference
};

/// Groups the runs, names the groups by what sets them apart, counts what it took to the targets. The
/// reference is the plain optimizer ("vanilla") where there is one, else the first group.
Report make_report(std::vector<ReportedRun> runs, const ReportOptions& options = {});

}  // namespace optex
