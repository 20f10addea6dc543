#include "optex/monitor/event_log.hpp"

#include "optex/monitor/status_writer.hpp"

#include "arrival_event.hpp"
#include "json.hpp"
#include <fcntl.h>
#include <fmt/format.h>

namespace optex {

EventLog::EventLog(const files::Place& file, std::optional<Index> parameters)
    : folder_(file.folder()), out_(file.open(O_RDWR | O_CREAT | O_APPEND)), parameters_(parameters) {
  // A line that a killed process left half-written gets an end, so that the next one can be read.
  char last = '\n';
  const std::uintmax_t bytes = out_.size();
  if (bytes > 0 && out_.read_at(bytes - 1, &last, 1) == 1 && last != '\n') out_.write_all("\n", 1);
}

void EventLog::put(const std::string& line) {
  folder_.require_owned();
  out_.write_all(line.data(), line.size());
}

void EventLog::record(const std::string& kind, const std::string& text) {
  put(to_line({{"time", utc_time()}, {"kind", kind}, {"text", text}}));
}

void EventLog::record(const Arrivals& arrivals) {
  const auto named = [](const std::vector<PointName>& names) {
    Json list = Json::array();
    for (const PointName& name : names) list.push_back(Json::array({name.iteration + 1, name.point}));
    return list;
  };
  std::string text = fmt::format("round {} closed with {} of {} points", arrivals.iteration + 1,
                                 arrivals.arrived.size(), arrivals.submitted);
  if (!arrivals.late.empty())
    text +=
        fmt::format(", {} late gradient{} came", arrivals.late.size(), arrivals.late.size() == 1 ? "" : "s");
  put(to_line({{"time", utc_time()},
               {"kind", quorum_kind},
               {"text", text},
               {"round", arrivals.iteration + 1},
               {"points", arrivals.submitted},
               {"arrived", arrivals.arrived},
               {"late", named(arrivals.late)},
               {"failed", named(arrivals.failed)}}));
  rounds_only_in_memory_ = true;
}

void EventLog::make_rounds_durable() {
  if (rounds_only_in_memory_.exchange(false)) out_.sync();
}

void EventLog::record_replay(const std::string& folder) { record(replay_kind, folder); }

void EventLog::on_start(const RunState& run) {
  if (run.iteration == 0)
    record("start", fmt::format("{} parameters", parameters_.value_or(run.theta.size())));
  else
    record("resume", fmt::format("from round {}", run.iteration));
}

void EventLog::on_iteration(const RunState&, const IterationReport& report) {
  if (report.choice == choice_) return;
  choice_ = report.choice;
  record("rule", choice_);
}

void EventLog::on_end(const RunState& run, const Outcome& outcome) {
  record("end", fmt::format("{} after round {}: {}{}{}, exit code {}", status_of(outcome), run.iteration,
                            outcome.reason, outcome.message.empty() ? "" : ", ", outcome.message,
                            static_cast<int>(outcome.code)));
}

}  // namespace optex
