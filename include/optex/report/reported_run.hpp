#pragma once

#include "optex/report/run_fields.hpp"
#include "optex/report/run_history.hpp"
#include "optex/report/run_status.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optex {

struct ReportedEvent {
  std::string time, kind, text;
};

/// Everything that a report says about one run.
struct ReportedRun {
  std::string name;   ///< the folder's, or the contender's of a comparison
  std::string label;  ///< what sets it apart from the others of the report; given by group_runs()
  std::filesystem::path folder;
  bool of_comparison = false;   ///< a contender of `optex compare`: values only, measured after rounds
  bool ideal = false;           ///< no machine can do this
  std::vector<double> targets;  ///< those of the comparison
  RunStatus status;
  RunHistory history;
  std::vector<std::pair<std::string, std::string>> config;  ///< key and TOML of resolved.toml
  bool noisy = false;                                       ///< gradients are drawn
  bool moves = false;                                       ///< F becomes another one from round to round
  std::int64_t parallelism = 0;                             ///< points a round; 0: not known
  std::int64_t ranks = 0;                                   ///< of the last launch; 0: not known
  std::vector<std::string> host_of_rank;
  std::vector<std::pair<std::string, std::string>> provenance;  ///< for people
  std::vector<ReportedEvent> events;
  std::vector<ReportedField> fields;
  std::vector<std::string> remarks;  ///< what was wrong with the files

  /// A configured value as TOML; empty when it is not set.
  std::string configured(const std::string& key) const;
};

/// The runs of a folder: of `optex run`, of `optex compare` (one a contender and seed), of `optex sweep`, or
/// a folder that holds such folders. Files that are missing or damaged become remarks. Throws UsageError, one
/// line, when there is no such folder or no run in it.
std::vector<ReportedRun> read_runs(const std::filesystem::path& folder, const HistoryLimits& limits = {});

}  // namespace optex
