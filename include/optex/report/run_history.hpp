#pragma once

#include "optex/comparison/run_record.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace optex {

/// Where a run stood at the end of a round; `value` and `gradient_norm` are those of its start.
struct HistoryRow {
  std::int64_t round = 0;
  std::int64_t evaluations = 0;
  double seconds = 0.0;
  double value = std::numeric_limits<double>::quiet_NaN();
  double best_value = std::numeric_limits<double>::quiet_NaN();
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();
};

/// The phases of a round, in the order of PhaseSeconds.
inline constexpr std::array<std::string_view, 7> phase_names = {"fit",    "chain",      "evaluate", "wait",
                                                                "update", "checkpoint", "quality"};
using PhaseSeconds = std::array<double, phase_names.size()>;

/// What can bring the new best in a round of rule surrogate.
inline constexpr std::array<std::string_view, 5> winner_names = {"model", "probe", "chain", "guard", "none"};
using WinnerCounts = std::array<std::int64_t, winner_names.size()>;  ///< rounds

/// A mean that may have seen nothing.
struct Mean {
  double sum = 0.0;
  std::int64_t count = 0;
  void add(double x);
  void add(const Mean& other);
  double value() const;  ///< NaN when it has seen nothing
};

/// Depths of a chain in classes: 0, 1, 2, 3, 4, then two to each doubling (5-6, 7-8, 9-12, 13-16, ...),
/// because points are spaced geometrically along a long chain.
std::size_t depth_class(std::int64_t depth);
/// "3", "9\u201312".
std::string depth_class_text(std::size_t number);

/// What some consecutive rounds had in common.
struct HistoryBucket {
  std::int64_t first = 0, last = 0;  ///< rounds
  Mean accepted, reach, dropped;
  Mean log_lengthscale, log_nugget;  ///< of those above 0
  std::vector<Mean> log_error;       ///< log10 of the relative prediction error, by depth class
  std::vector<Mean> cosine;          ///< of the angle between prediction and truth, by depth class
  PhaseSeconds phases{};
  double seconds = 0.0;  ///< wall time
  WinnerCounts winners{};

  void merge(const HistoryBucket& next);
};

/// One measurement of the answer's quality.
struct QualityPoint {
  std::int64_t round = 0;
  double value = 0.0;
};

/// A run's rounds, thinned to what a page can show; totals and improvements are exact.
struct RunHistory {
  std::int64_t rounds = 0;         ///< read
  std::int64_t damaged_lines = 0;  ///< left out: half-written or no rounds
  std::vector<HistoryRow> rows;    ///< by ascending round, with the smallest and largest values between them
  std::vector<HistoryBucket> buckets;
  HistoryBucket total;                          ///< of all rounds
  std::vector<CurvePoint> improvements;         ///< by ascending round and descending value
  std::map<std::string, std::int64_t> updates;  ///< rounds by the rule that made the step
  std::map<std::string, std::vector<QualityPoint>> quality;
  HistoryRow last;  ///< the last round
  double final_value = std::numeric_limits<double>::quiet_NaN();
};

/// How the history of a run is read.
struct HistoryLimits {
  std::size_t rows = 1500;    ///< at most so many rows
  std::size_t buckets = 160;  ///< at most so many buckets
  /// Gradients are noisy: an improvement is one of the mean over so many rounds, not of one draw. 1: exact.
  std::int64_t window = 1;
};

/// Reads metrics.jsonl line by line. A missing file has no rounds. Cost: one pass; memory does not grow with
/// the rounds but for the improvements, 32 bytes each. Throws IoError when the file cannot be read.
RunHistory read_run_history(const std::filesystem::path& metrics_file, const HistoryLimits& limits = {});

/// The first improvement at or below `target`; null when the run never came there.
const CurvePoint* first_at(const RunHistory& history, double target);

}  // namespace optex
