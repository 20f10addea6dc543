#pragma once

#include "optex/report/run_history.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace optex {

/// One line of metrics.jsonl; what it does not say is NaN, 0 or empty.
struct MetricsLine {
  bool has_round = false;
  HistoryRow row;
  double accepted = std::numeric_limits<double>::quiet_NaN();
  double reach = std::numeric_limits<double>::quiet_NaN();
  double dropped = std::numeric_limits<double>::quiet_NaN();
  double lengthscale = std::numeric_limits<double>::quiet_NaN();
  double nugget = std::numeric_limits<double>::quiet_NaN();
  double final_value = std::numeric_limits<double>::quiet_NaN();
  std::string update;
  std::string winner;          ///< of rule surrogate
  std::vector<double> depths;  ///< of the points that prediction_error and prediction_cosine are about
  std::vector<double> prediction_error, prediction_cosine;
  PhaseSeconds phases{};
  std::vector<std::pair<std::string, double>> quality;
};

/// Reads one line into `line`, which is reset first. False when it is damaged or is no round's line. No tree
/// is built: a million lines take seconds.
bool read_metrics_line(std::string_view text, MetricsLine& line);

/// What the line says of its round, which took `seconds`.
HistoryBucket bucket_of(const MetricsLine& line, double seconds);

}  // namespace optex
