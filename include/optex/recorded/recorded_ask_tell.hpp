#pragma once

#include "optex/checkpoint/checkpoint_writer.hpp"
#include "optex/minimize/ask_tell.hpp"
#include "optex/monitor/metrics_writer.hpp"
#include "optex/monitor/run_folder.hpp"
#include "optex/monitor/status_writer.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/config.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// The vectors of a problem that its caller holds in memory; d each.
struct GivenVectors {
  Vector start;
  std::optional<Vector> lower, upper;  ///< infinite entries are no limit
};

/// AskTell as a configuration describes it, and, where a folder is wanted, with everything that a run leaves
/// in one: metrics, checkpoints, status, results, the configuration. Calling it again on the same folder goes
/// on from the newest checkpoint.
class RecordedAskTell {
 public:
  /// `keys`: a configuration in TOML, without [problem]; `name` stands for it in errors. Throws UsageError
  /// with every mistake, one a line; CheckpointError when the folder holds the run of another configuration
  /// or another start, IoError when it cannot be used or another process runs in it. `known` is called within
  /// ask(), by a thread of its own.
  RecordedAskTell(const std::string& keys, const std::string& name, GivenVectors given,
                  const std::optional<std::filesystem::path>& folder, KnownHessian known = {});
  ~RecordedAskTell();

  /// As AskTell.
  std::vector<Question> ask();
  void tell(Index number, double value, ConstVectorRef gradient);
  void tell_failed(Index number, const std::string& reason);
  bool finished() const;
  const Outcome& outcome() const;
  const RunState& state() const { return run_->state(); }

  /// The rounds that were finished since the last call, oldest first.
  std::vector<IterationReport> take_reports();

  /// Ends in good order before a stop rule is met: the folder says "stopped", with this reason and line for
  /// people, and the next call goes on.
  void stop(const std::string& reason, const std::string& message);

  /// Lines for people: a folder's warnings, keys that have no effect, the checkpoint that was found.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  class Folder;

  void leave_folder(const Outcome& outcome);

  std::vector<std::string> notes_;
  Config config_;
  Problem problem_;
  KnownHessian known_;
  std::unique_ptr<Folder> folder_;  ///< null without, and when the run is over: others may go on in it
  std::vector<IterationReport> reports_;
  std::unique_ptr<AskTell> run_;
  std::optional<Outcome> over_;  ///< of a run that was over before it began, or was stopped
};

}  // namespace optex
