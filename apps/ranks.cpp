#include "ranks.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <unistd.h>

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

void tell_place(int rank, const std::vector<std::string>& host_of_rank) {
  const auto mine = host_of_rank.begin() + rank;
  const auto set = [](const char* name, const std::string& value) { setenv(name, value.c_str(), 1); };
  set("OPTEX_WORKER", std::to_string(rank));
  set("OPTEX_WORKERS", std::to_string(host_of_rank.size()));
  set("OPTEX_LOCAL_RANK", std::to_string(std::count(host_of_rank.begin(), mine, *mine)));
  set("OPTEX_HOSTS", *mine);
}

std::string this_host() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace optex::app
