#pragma once

#include "optex/driver/observer.hpp"
#include "optex/evaluation/arrivals.hpp"
#include "optex/files/folder.hpp"

#include <atomic>
#include <optional>
#include <string>

namespace optex {

/// events.jsonl: what happened besides the rounds, one JSON object a line with time, kind and text. It only
/// grows, over all restarts. Start, resume and end are recorded by itself, everything else by record().
class EventLog : public Observer {
 public:
  /// parameters: how many the run has, where its state holds but some of them.
  explicit EventLog(const files::Place& file, std::optional<Index> parameters = {});

  /// kind: "checkpoint", "fall-back", "signal", "warning", ...
  void record(const std::string& kind, const std::string& text);

  /// A round that was closed at a quorum; kind "quorum". Read again by read_arrival_log().
  void record(const Arrivals& arrivals);
  /// Forces the rounds recorded so far to disk. Needed before a checkpoint of theirs is written: a replay of
  /// the resumed run wants every round from the first on. Costs nothing when none has come since the last
  /// time; may run beside record().
  void make_rounds_durable();
  /// The rule that an earlier process has recorded: it is no news.
  void recall_rule(const std::string& choice) { choice_ = choice; }
  /// The run takes over the arrivals of the run in `folder`.
  void record_replay(const std::string& folder);

  void on_start(const RunState& run) override;
  /// Kind "rule": which update rule was chosen, once.
  void on_iteration(const RunState& run, const IterationReport& report) override;
  void on_warning(const std::string& text) override { record("warning", text); }
  void on_end(const RunState& run, const Outcome& outcome) override;

 private:
  void put(const std::string& line);

  files::Folder folder_;
  files::Descriptor out_;
  std::optional<Index> parameters_;
  std::atomic<bool> rounds_only_in_memory_ = false;
  std::string choice_;  // that was recorded last
};

}  // namespace optex
