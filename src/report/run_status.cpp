#include "optex/report/run_status.hpp"

#include "optex/core/printable.hpp"
#include "optex/text/host_name.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <limits>

#include "json_file.hpp"

namespace optex {

namespace {

RankLoad load_in(const ReportJson& ranks) {
  RankLoad load;
  load.seconds = number_in(ranks, "seconds");
  if (const auto busy = ranks.find("busy_seconds"); busy != ranks.end() && busy->is_array())
    for (const ReportJson& seconds : *busy)
      load.busy.push_back(seconds.is_number() ? seconds.get<double>() : 0.0);
  return load;
}

}  // namespace

double RankLoad::busy_hours() const {
  double sum = 0.0;
  for (const double seconds_of_rank : busy) sum += seconds_of_rank;
  return sum / 3600.0;
}

double RankLoad::idle_hours() const {
  return std::max(0.0, seconds * static_cast<double>(busy.size()) / 3600.0 - busy_hours());
}

double RunStatus::answer() const {
  if (!std::isnan(final_value)) return final_value;
  return std::isnan(best_value) ? value : best_value;
}

double RunStatus::measure(const std::string& name) const {
  for (const auto& [key, number] : measures)
    if (key == name) return number;
  return std::numeric_limits<double>::quiet_NaN();
}

void RunStatus::add_measure_names(std::vector<std::string>& names) const {
  for (const auto& [name, number] : measures)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

bool RunStatus::ended_without_word() const {
  return state == "running" && pid > 1 && pid <= std::numeric_limits<pid_t>::max() && host == host_name() &&
         ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
}

RunStatus read_run_status(const std::filesystem::path& folder) {
  RunStatus status;
  const std::filesystem::path file = folder / "status.json";
  const auto page = read_json_object(file);
  if (!page) {
    std::error_code ignored;
    status.state = std::filesystem::exists(file, ignored) ? "unknown" : "waiting";
    return status;
  }
  status.state = text_in(*page, "state");
  if (status.state.empty()) status.state = "unknown";
  status.reason = text_in(*page, "reason");
  status.message = text_in(*page, "message");
  status.rule = text_in(*page, "rule");
  status.iteration = integer_in(*page, "iteration");
  status.evaluations = integer_in(*page, "evaluations");
  status.value = number_in(*page, "value");
  status.best_value = number_in(*page, "best_value");
  status.final_value = number_in(*page, "final_value");
  const double seconds = number_in(*page, "seconds");
  status.seconds = std::isnan(seconds) ? 0.0 : seconds;
  const double code = number_in(*page, "exit_code");
  status.exit_code = code >= 0.0 && code <= 255.0 ? static_cast<int>(code) : -1;
  if (const auto measures = page->find("measures"); measures != page->end() && measures->is_object())
    for (const auto& [name, value] : measures->items())
      if (value.is_number())
        status.measures.emplace_back(printable(name, most_of_a_name), value.get<double>());
  if (const auto ranks = page->find("ranks"); ranks != page->end() && ranks->is_object())
    status.load = load_in(*ranks);
  status.started = text_in(*page, "started");
  status.updated = text_in(*page, "updated");
  status.host = text_in(*page, "host");
  status.pid = integer_in(*page, "pid");
  return status;
}

}  // namespace optex
