#pragma once

#include "optex/core/stopwatch.hpp"
#include "optex/driver/observer.hpp"
#include "optex/driver/stopping.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace optex {

class Terminal;

enum class LogLevel { error, warning, info, debug };
enum class LogFormat { text, json };

struct ConsoleOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  std::int64_t every = 1;        ///< rounds from one plain line to the next
  StopRules rules;               ///< for the time that is left
  std::filesystem::path folder;  ///< the run's, named in the summary; may be empty
  bool summary = true;           ///< at the end
  int log_descriptor = 2;        ///< where progress and messages go
  int result_descriptor = 1;     ///< where the summary goes
};

/// What a person sees of a run. On a terminal one line that is redrawn, at most ten times a second; in a
/// batch log a plain line every so many rounds; at the end a summary. Output that nobody takes any more is
/// dropped: a closed terminal does not end a run.
class Console : public Observer {
 public:
  explicit Console(ConsoleOptions options);
  ~Console() override;

  void on_start(const RunState& run) override;
  void on_iteration(const RunState& run, const IterationReport& report) override;
  void on_warning(const std::string& text) override { message(LogLevel::warning, text); }
  void on_end(const RunState& run, const Outcome& outcome) override;

  /// One line for the log, above the live line.
  void message(LogLevel level, const std::string& text);

 private:
  struct Progress {
    std::int64_t first_iteration = 0, iteration = 0;
    std::int64_t first_evaluations = 0, evaluations = 0;
    Index accepted = 0, reach = 0;
    double value = 0.0, best_value = 0.0, seconds = 0.0;
    double first_seconds = 0.0, waited = 0.0;
  };
  double waiting_share() const;
  double seconds_left() const;
  std::string progress_text(std::size_t width, bool coloured) const;
  std::string progress_json() const;
  void draw();
  void erase();

  ConsoleOptions options_;
  std::unique_ptr<Terminal> terminal_;  // of the log
  bool live_ = false;                   // one redrawn line instead of many
  bool coloured_ = false;               // on the log
  bool drawn_ = false;                  // the live line is on the screen
  Progress progress_;
  Stopwatch since_draw_;
};

}  // namespace optex
