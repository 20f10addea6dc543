#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace optex {

/// One entry of [problem.options]: text as it is, numbers as their shortest text, true and false.
struct ExternalOption {
  std::string name, value;
  bool is_text = false;  ///< "007" is a text and 7 a number, though both could be read as one
};

/// What an objective outside this program is told when it is made.
struct ExternalSettings {
  std::vector<ExternalOption> options = {};  ///< [problem.options], sorted by name
  std::uint64_t seed = 0;                    ///< run.seed
};

/// More are a mistake; the work of a round is a list of them.
inline constexpr std::int64_t most_shards = 1'000'000'000;

/// The address of the MPI_Comm of the ranks that compute each answer together; null when each rank computes
/// its own. A fact about the process, like its environment: told before an objective is made, and passed on
/// to plug-ins.
void set_worker_communicator(const void* address);
const void* worker_communicator();

}  // namespace optex
