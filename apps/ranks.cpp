#include "ranks.hpp"

#include <csignal>

namespace optex::app {

Interruption interruption_of(std::optional<int> signal) {
  switch (signal.value_or(0)) {
    case SIGUSR1:
      return Interruption::checkpoint_and_stop;
    case SIGUSR2:
      return Interruption::checkpoint;
    case SIGTERM:
    case SIGINT:
      return Interruption::stop;
    default:
      return Interruption::none;
  }
}

}  // namespace optex::app
