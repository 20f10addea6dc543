#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// Where a run stood after a round.
struct CurvePoint {
  std::int64_t round = 0;        ///< 0: the start
  std::int64_t evaluations = 0;  ///< gradients asked for so far
  double seconds = 0.0;          ///< wall time of the rounds so far, without measuring
  double value = 0.0;            ///< F at the answer
};

/// What a comparison remembers of one run.
struct RunRecord {
  std::string identity;  ///< everything that the curve follows from: equal identities, equal curves
  std::string method;    ///< as the tables name it
  std::optional<double> learning_rate = std::nullopt;  ///< nothing for methods that have none
  std::int64_t seed = 0;
  std::vector<CurvePoint> curve;  ///< by ascending round
  std::int64_t rounds = 0;        ///< in all
  std::int64_t evaluations = 0;   ///< in all
  double seconds = 0.0;           ///< in all
  std::string end;      ///< "target", the stop rule that was met, the method's own reason, or "error"
  std::string message;  ///< one line when it is "error"

  bool failed() const { return end == "error"; }
};

/// The first point with F <= target; null when the run never came there.
const CurvePoint* first_at(const RunRecord& run, double target);

/// F at the end; infinite for a run that failed or has no curve.
double final_value(const RunRecord& run);

/// The smallest F of the curve; infinite without one.
double smallest_value(const RunRecord& run);

}  // namespace optex
