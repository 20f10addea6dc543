#pragma once

#include "optex/external/survivor.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include "onlooker.hpp"

namespace optex::app {

/// A rank that dies is mourned by its neighbour. For one that is alone on its host a small process beside it,
/// this program again, leaves the word when the rank is gone.
///
/// A rank that is told to end by a signal has no last will: what kills it then is no first cause.
class LastWill {
 public:
  /// `label`: "rank 3 (host)". Throws IoError when there is no pipe to be had.
  LastWill(const std::filesystem::path& run_folder, int rank, const std::string& label);

  /// In the other process: waits for the end of the rank. Nothing when the program was started for something
  /// else.
  static std::optional<int> execute(int argc, const char* const* argv);

 private:
  std::optional<Survivor> witness_;
  std::optional<Onlooker> onlooker_;
};

}  // namespace optex::app
