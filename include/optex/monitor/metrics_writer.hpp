#pragma once

#include "optex/driver/observer.hpp"
#include "optex/files/folder.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// Of the lines (docs/metrics.md): raised when a name changes its meaning or goes; names may be added.
inline constexpr std::int64_t metrics_version = 1;

/// metrics.jsonl: one line of JSON a round, written at once, so that others can follow a run while it goes.
/// NaN and infinities are null. Rounds after which the quality of the answer was measured carry it as an
/// object `quality`. The last line also gets `final_value`.
///
/// A line that the disk refuses is kept and tried again, so the file never holds half of one, and
/// make_durable() has either all lines on disk or throws.
class MetricsWriter : public Observer {
 public:
  /// The state after a round, as a checkpoint that is still there has it; what is long may be left out.
  using SavedState = std::function<std::optional<RunState>(std::int64_t round)>;

  /// `notice` hears of rounds whose lines are gone; `saved` is asked for them.
  explicit MetricsWriter(files::Place file, std::function<void(const std::string& text)> notice = {},
                         SavedState saved = {})
      : file_(std::move(file)), notice_(std::move(notice)), saved_(std::move(saved)) {}

  /// Drops the lines beyond run.iteration, which belong to rounds that will be done again, and half-written
  /// ones. Looks for rounds without a line; those of which a state is there get what it knows of them.
  void on_start(const RunState& run) override;
  void on_iteration(const RunState& run, const IterationReport& report) override;
  void on_end(const RunState& run, const Outcome& outcome) override;

  /// Forces all lines so far to disk. Needed before a checkpoint is written: what a resumed run does not do
  /// again must be known from here. May run beside the other calls.
  void make_durable();

 private:
  void put_pending();
  std::optional<std::string> restored_line(const RunState& run, std::int64_t round) const;

  files::Place file_;
  std::function<void(const std::string&)> notice_;
  SavedState saved_;
  std::mutex mutex_;  ///< for all below
  std::optional<files::Descriptor> out_;
  std::string pending_;         ///< lines that are not in the file yet
  std::uintmax_t written_ = 0;  ///< bytes of whole lines in the file
  bool durable_ = true;
};

/// What cut_metrics() found.
struct MetricsCut {
  std::int64_t kept = 0;               ///< lines
  std::vector<std::int64_t> missing;   ///< of the rounds 1 ... iteration, those without a line
  std::vector<std::int64_t> restored;  ///< those that had none and got one
};

/// Cuts a metrics file to the rounds 1 ... iteration, as if the run had just finished that round. A missing
/// file has none. `restore`: a line for a round that has none, where there is one.
MetricsCut cut_metrics(const files::Place& file, std::int64_t iteration,
                       const std::function<std::optional<std::string>(std::int64_t round)>& restore = {});

}  // namespace optex
