#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/signal_notes.hpp"

#include <functional>
#include <optional>
#include <string>

namespace optex {

struct SessionOptions {
  double start_seconds = 600.0;  ///< MPI_Init may take this long; then the process ends with ExitCode::launch
  bool note_signals = true;      ///< as SignalNotes does, for as long as the session lasts
  /// MPI_Finalize may take this long, of one rank alone 10 s at most; then the process ends as run() did.
  double finish_seconds = 120.0;
};

/// MPI from MPI_Init to MPI_Finalize; one per process. A program that was started without a launcher is a
/// session of one rank.
///
/// A rank that leaves alone, by an exception, ends the whole job through MPI_Abort: in MPI_Finalize it would
/// wait for ever for ranks that wait for it.
class Session {
 public:
  /// Throws LaunchError when the launcher and the MPI library do not fit together.
  Session(int& argc, char**& argv, const SessionOptions& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool alone() const { return size_ == 1; }

  /// "Open MPI v4.1.4 ...", one line.
  static std::string library();

  /// The most urgent signal that came and was not taken yet.
  static std::optional<int> pending_signal() { return SignalNotes::take(); }

  /// Runs the program of this rank and returns its exit code. What it throws becomes a line on stderr: of
  /// rank 0 alone when all ranks agreed on it (AgreedError), otherwise of this rank, and then the whole job
  /// is ended.
  int run(const std::function<int()>& program);

  /// A rank is lost that the end of MPI would wait for: when the program of this rank is over, it ends the
  /// whole job itself. Launchers call that a failure whatever its exit code is.
  void leave_without_others() { others_lost_ = true; }

  /// Ends all ranks with this exit code.
  [[noreturn]] static void abort(ExitCode code);

 private:
  int leave(int code) const;
  int fail(ExitCode code, const std::string& message, bool agreed);

  SessionOptions options_;
  int rank_ = 0;
  int size_ = 1;
  int exceptions_at_start_;
  bool others_lost_ = false;
  ExitCode code_ = ExitCode::stall;  ///< run()'s, when it has ended
  std::optional<SignalNotes> signals_;
};

}  // namespace optex
