#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/objective.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace optex {

/// Which of a run's points its answer is.
enum class AnswerPoint {
  none,        ///< nobody could say
  iterate,     ///< where the last round led
  average,     ///< of the iterates
  best_point,  ///< the best one that was evaluated
  last_good,   ///< the last iterate that could be evaluated
};

/// One word for status.json: "iterate", "average", "best_point", "last_good"; empty for none.
const char* name_of(AnswerPoint answer);
/// The same for people: "the last iterate", ...
const char* words_of(AnswerPoint answer);

/// One finished round.
struct TracePoint {
  std::int64_t round = 0;      ///< from 1
  std::int64_t gradients = 0;  ///< asked for so far
  double seconds = 0.0;        ///< wall time so far
  double value = 0.0;          ///< F at the iterate
  double gradient_norm = 0.0;  ///< there; in a box of the projected gradient
  double best_value = 0.0;     ///< the smallest F so far
};

/// How a run ended.
struct Outcome {
  ExitCode code = ExitCode::success;
  std::string reason;  ///< the stop rule ("iterations", "value", ...), the method's own, "signal", or "error"
  std::string message;  ///< one line for people
  Vector solution;      ///< the answer, d; with exact gradients never worse than the best evaluated point
  AnswerPoint answer = AnswerPoint::none;  ///< which point that is
  double final_value =
      std::numeric_limits<double>::quiet_NaN();  ///< exact F at the answer, all data, no noise
  /// The smallest F that was seen, at the answer included; of noisy gradients, of a mini-batch.
  double best_value = std::numeric_limits<double>::infinity();
  std::int64_t rounds = 0;     ///< in all, over restarts
  std::int64_t gradients = 0;  ///< asked for in them
  double seconds = 0.0;        ///< wall time of the rounds
  /// The rounds of this call, oldest first; with MPI on rank 0. Empty for those who keep a record of their
  /// own (the program).
  std::vector<TracePoint> trace;
  std::vector<Measure> measures;      ///< solution quality, as the problem reports it
  std::vector<std::string> warnings;  ///< what is missing of the above and why, a line each
};

}  // namespace optex
