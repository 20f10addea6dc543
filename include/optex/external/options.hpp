#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace optex {

/// What an objective outside this program is told when it is made.
struct ExternalSettings {
  std::vector<std::pair<std::string, std::string>> options = {};  ///< [problem.options], sorted by name
  std::uint64_t seed = 0;                                         ///< run.seed
};

/// The address of the MPI_Comm of the ranks that compute each answer together; null when each rank computes
/// its own. A fact about the process, like its environment: told before an objective is made, and passed on
/// to plug-ins.
void set_worker_communicator(const void* address);
const void* worker_communicator();

}  // namespace optex
