#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <sys/types.h>

namespace optex::app {

/// What a Mourner is to others, for a rank that is alone on its host: a small process beside it, which leaves
/// the word when the rank is gone and has not said that it goes, and then ends. This program again, so that
/// nothing of MPI is inherited; in a session of its own, because launchers kill whole groups.
///
/// A rank that is told to end by a signal has no last will: what kills it then is no first cause.
class LastWill {
 public:
  /// `label`: "rank 3 (host)". Without the means for a process there is no will, and the signal counts.
  LastWill(const std::filesystem::path& run_folder, int rank, const std::string& label);
  ~LastWill();
  LastWill(const LastWill&) = delete;
  LastWill& operator=(const LastWill&) = delete;

  /// In the other process: waits for the end of the rank. Nothing when the program was started for something
  /// else.
  static std::optional<int> execute(int argc, const char* const* argv);

 private:
  void revoke();

  pid_t process_ = -1;
  int rank_lives_ = -1;  ///< open as long as this process
  std::mutex mutex_;
  std::condition_variable end_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace optex::app
