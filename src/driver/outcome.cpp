#include "optex/driver/outcome.hpp"

namespace optex {

const char* name_of(AnswerPoint answer) {
  switch (answer) {
    case AnswerPoint::none:
      return "";
    case AnswerPoint::iterate:
      return "iterate";
    case AnswerPoint::average:
      return "average";
    case AnswerPoint::best_point:
      return "best_point";
    case AnswerPoint::last_good:
      return "last_good";
  }
  return "";
}

const char* words_of(AnswerPoint answer) {
  switch (answer) {
    case AnswerPoint::none:
      return "none";
    case AnswerPoint::iterate:
      return "the last iterate";
    case AnswerPoint::average:
      return "the average of the iterates";
    case AnswerPoint::best_point:
      return "the best point that was evaluated";
    case AnswerPoint::last_good:
      return "the last iterate that could be evaluated";
  }
  return "";
}

}  // namespace optex
