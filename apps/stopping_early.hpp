#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "onlooker.hpp"

namespace optex::app {

/// True when a signal other than USR1 and USR2 is noted and not taken yet.
bool told_to_end();

/// Since when a signal has asked for the end; as long as there is none, it is `now`.
class SignalAge {
 public:
  /// True when a signal other than USR2 is noted and not taken yet, and was seen here first so long ago.
  bool exceeds(std::chrono::milliseconds after_usr1, std::chrono::milliseconds after_term);

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

/// Says when the round that is under way must be broken off because of a signal: ten seconds after USR1, in
/// which a short round ends in good order; at once after TERM and INT, a second after which a launcher
/// kills.
class RoundBreaker {
 public:
  bool operator()();

 private:
  SignalAge age_;
};

/// Knows when the job must be over: OPTEX_DEADLINE, or SLURM_JOB_END_TIME, in seconds since 1970. Judges by
/// the longest of the last rounds.
class RoundClock {
 public:
  /// Throws UsageError when OPTEX_DEADLINE is no such number.
  RoundClock();
  /// Called after every round.
  bool next_round_ends_in_time();

 private:
  std::optional<double> deadline_;
  std::vector<double> last_rounds_;  ///< seconds, at most a few
  std::chrono::steady_clock::time_point round_began_;
};

/// Saves the run when a signal came and rank 0 itself is stuck in an evaluation that does not end, and says
/// how it ended where rank 0 is stuck in MPI: a thread that looks on.
class LastResort {
 public:
  /// Rank 0 waits for evaluations, its own included: the state does not change. Waits while a rescue goes on.
  void set_waiting(bool waits);
  /// Starts to look on. `rescue` (may be empty) saves what there is and ends the process; it is called while
  /// rank 0 waits.
  void watch(std::function<void()> rescue);
  /// Before watch(): `tell` says how the run has ended, should nothing more be heard of it. Called once, when
  /// the run has been told to end and has not done so within a moment.
  void when_told_to_end(std::function<void()> tell);
  /// Before watch(): `end` ends the process when a plug-in's function has not come back for so long.
  void when_stuck(double seconds, std::function<void(double seconds)> end);
  /// The run is over.
  void rest();

 private:
  void look_on(SignalAge& age);

  std::function<void()> rescue_, first_words_;
  double stuck_after_ = 0.0;
  std::function<void(double seconds)> stuck_;
  std::mutex mutex_;  ///< for waits_
  bool waits_ = false;
  std::optional<Onlooker> onlooker_;
};

}  // namespace optex::app
