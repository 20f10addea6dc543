#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/objective.hpp"

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

/// How a run ended.
struct Outcome {
  ExitCode code = ExitCode::success;
  std::string reason;  ///< the stop rule ("iterations", "value", ...), the method's own, "signal", or "error"
  std::string message;  ///< one line for people; empty when a rule was met
  Vector solution;      ///< the answer, d; with exact gradients never worse than the best evaluated point
  AnswerPoint answer = AnswerPoint::none;  ///< which point that is
  double final_value =
      std::numeric_limits<double>::quiet_NaN();  ///< exact F at the answer, all data, no noise
  /// The smallest F that was seen, at the answer included; of noisy gradients, of a mini-batch.
  double best_value = std::numeric_limits<double>::infinity();
  std::vector<Measure> measures;      ///< solution quality, as the problem reports it
  std::vector<std::string> warnings;  ///< what is missing of the above and why, a line each
};

}  // namespace optex
