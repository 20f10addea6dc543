#include "ranks.hpp"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdlib>

namespace optex::app {

Interruption interruption_of(std::optional<int> signal) {
  switch (signal.value_or(0)) {
    case SIGUSR1:
      return Interruption::checkpoint_and_stop;
    case SIGUSR2:
      return Interruption::checkpoint;
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
      return Interruption::stop;
    default:
      return Interruption::none;
  }
}

void tell_place(int rank, const std::vector<std::string>& host_of_rank, int ranks_per_worker) {
  const auto mine = host_of_rank.begin() + rank;
  const auto first = host_of_rank.begin() + rank / ranks_per_worker * ranks_per_worker;
  const auto last = first + std::min<std::ptrdiff_t>(ranks_per_worker, host_of_rank.end() - first);
  std::string hosts;
  for (auto host = first; host != last; ++host)
    if (std::find(first, host, *host) == host) hosts += (hosts.empty() ? "" : ",") + *host;
  const auto set = [](const char* name, const std::string& value) { setenv(name, value.c_str(), 1); };
  set("OPTEX_WORKER", std::to_string(rank / ranks_per_worker));
  set("OPTEX_WORKERS", std::to_string(host_of_rank.size() / static_cast<std::size_t>(ranks_per_worker)));
  set("OPTEX_LOCAL_RANK", std::to_string(std::count(host_of_rank.begin(), mine, *mine)));
  set("OPTEX_HOSTS", hosts);
}

}  // namespace optex::app
