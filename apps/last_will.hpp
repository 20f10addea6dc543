#pragma once

#include "optex/external/survivor.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace optex::app {

/// What a Mourner is to others, for a rank that is alone on its host: a small process beside it, this program
/// again, leaves the word when the rank is gone.
///
/// A rank that is told to end by a signal has no last will: what kills it then is no first cause.
class LastWill {
 public:
  /// `label`: "rank 3 (host)". Throws IoError when there is no pipe to be had.
  LastWill(const std::filesystem::path& run_folder, int rank, const std::string& label);
  ~LastWill();
  LastWill(const LastWill&) = delete;
  LastWill& operator=(const LastWill&) = delete;

  /// In the other process: waits for the end of the rank. Nothing when the program was started for something
  /// else.
  static std::optional<int> execute(int argc, const char* const* argv);

 private:
  std::optional<Survivor> witness_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace optex::app
