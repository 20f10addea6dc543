#pragma once

#include "optex/driver/observer.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace optex {

/// What is said at the end of a run.
struct Summary {
  const Outcome& outcome;
  const std::filesystem::path& folder;  ///< empty when nothing was kept
  std::int64_t rounds;
  double best_value;
  std::int64_t evaluations;
  double seconds;
  double waiting_share;  ///< of rank 0's time
};

std::string summary_text(const Summary& summary, bool coloured);
/// One line.
std::string summary_json(const Summary& summary);

}  // namespace optex
