#include "optex/driver/outcome.hpp"

namespace optex {

const char* name_of(Answer answer) {
  switch (answer) {
    case Answer::none:
      return "";
    case Answer::iterate:
      return "iterate";
    case Answer::average:
      return "average";
    case Answer::best_point:
      return "best_point";
    case Answer::last_good:
      return "last_good";
  }
  return "";
}

const char* words_of(Answer answer) {
  switch (answer) {
    case Answer::none:
      return "none";
    case Answer::iterate:
      return "the last iterate";
    case Answer::average:
      return "the average of the iterates";
    case Answer::best_point:
      return "the best point that was evaluated";
    case Answer::last_good:
      return "the last iterate that could be evaluated";
  }
  return "";
}

}  // namespace optex
