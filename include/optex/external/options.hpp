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

}  // namespace optex
