#include "optex/report/sweep_table.hpp"

#include "optex/comparison/standings.hpp"
#include "optex/core/printable.hpp"
#include "optex/text/columns.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "json_file.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

constexpr const char* seed_key = "run.seed";

/// The runs that differ in nothing but the seed.
struct SeedGroup {
  std::vector<std::string> values;  ///< one an axis, empty for the seed
  std::vector<std::size_t> runs;    ///< their places
  std::vector<double> answers;      ///< of finished runs
  double seconds = 0.0;             ///< of finished runs, in all
  double iterations = 0.0;

  /// NaN when none is finished.
  Spread answer() const {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return answers.empty() ? Spread{none, none, none} : spread_of(answers);
  }
};

std::vector<SeedGroup> by_setting(const Sweep& sweep, const std::vector<RunStatus>& runs) {
  std::vector<SeedGroup> settings;
  std::map<std::vector<std::string>, std::size_t> place;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<std::string> values = sweep.runs[i].values;
    for (std::size_t a = 0; a < values.size(); ++a)
      if (sweep.axes[a].key == seed_key) values[a].clear();
    const auto [found, fresh] = place.emplace(values, settings.size());
    if (fresh) settings.push_back({values, {}, {}, 0.0, 0.0});
    SeedGroup& setting = settings[found->second];
    setting.runs.push_back(i);
    if (runs[i].state != "finished" || std::isnan(runs[i].answer())) continue;
    setting.answers.push_back(runs[i].answer());
    setting.seconds += runs[i].seconds;
    setting.iterations += static_cast<double>(runs[i].iteration);
  }
  return settings;
}

std::string csv_number(double number) { return std::isfinite(number) ? fmt::format("{}", number) : ""; }

std::string number_text(double x) { return std::isnan(x) ? "-" : fmt::format("{:.6g}", x); }

}  // namespace

std::vector<RunStatus> gather_sweep(const Sweep& sweep) {
  std::vector<RunStatus> runs;
  for (const SweepRun& run : sweep.runs) runs.push_back(read_run_status(sweep.folder / run.name()));
  return runs;
}

std::string sweep_csv(const Sweep& sweep, const std::vector<RunStatus>& runs) {
  std::vector<std::string> measures;
  for (const RunStatus& run : runs) run.add_measure_names(measures);
  std::vector<std::string> header{"index", "folder"};
  for (const SweepAxis& axis : sweep.axes) header.push_back(csv_cell(axis.key));
  for (const char* name :
       {"state", "reason", "iterations", "evaluations", "seconds", "final_value", "best_value", "exit_code"})
    header.emplace_back(name);
  for (const std::string& name : measures) header.push_back(csv_cell(name));
  std::string text = fmt::format("{}\n", fmt::join(header, ","));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunStatus& run = runs[i];
    std::vector<std::string> row{std::to_string(sweep.runs[i].index), csv_cell(sweep.runs[i].name())};
    for (const std::string& value : sweep.runs[i].values) row.push_back(csv_cell(value));
    row.push_back(csv_cell(run.state));
    row.push_back(csv_cell(run.reason));
    const bool began = run.state != "waiting";
    row.push_back(began ? std::to_string(run.iteration) : "");
    row.push_back(began ? std::to_string(run.evaluations) : "");
    row.push_back(began ? csv_number(run.seconds) : "");
    row.push_back(csv_number(run.final_value));
    row.push_back(csv_number(run.best_value));
    row.push_back(run.exit_code < 0 ? "" : std::to_string(run.exit_code));
    for (const std::string& name : measures) row.push_back(csv_number(run.measure(name)));
    text += fmt::format("{}\n", fmt::join(row, ","));
  }
  return text;
}

std::string sweep_json(const Sweep& sweep, const std::vector<RunStatus>& runs) {
  ReportJson keys = ReportJson::array(), rows = ReportJson::array(), settings = ReportJson::array();
  for (const SweepAxis& axis : sweep.axes)
    keys.push_back({{"key", axis.key}, {"label", axis.label}, {"values", axis.values}});
  const auto values_of = [&](const std::vector<std::string>& values) {
    ReportJson object = ReportJson::object();
    for (std::size_t a = 0; a < values.size(); ++a)
      if (!values[a].empty()) object[sweep.axes[a].key] = values[a];
    return object;
  };
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunStatus& run = runs[i];
    ReportJson measures = ReportJson::object();
    for (const auto& [name, value] : run.measures) measures[name] = value;
    rows.push_back({{"index", sweep.runs[i].index},
                    {"folder", sweep.runs[i].name()},
                    {"values", values_of(sweep.runs[i].values)},
                    {"state", run.state},
                    {"reason", run.reason},
                    {"message", run.message},
                    {"iterations", run.iteration},
                    {"evaluations", run.evaluations},
                    {"seconds", run.seconds},
                    {"final_value", run.final_value},
                    {"best_value", run.best_value},
                    {"exit_code", run.exit_code < 0 ? ReportJson() : ReportJson(run.exit_code)},
                    {"measures", measures}});
  }
  for (const SeedGroup& setting : by_setting(sweep, runs)) {
    ReportJson indices = ReportJson::array();
    for (const std::size_t i : setting.runs) indices.push_back(sweep.runs[i].index);
    const Spread answer = setting.answer();
    settings.push_back(
        {{"values", values_of(setting.values)},
         {"runs", indices},
         {"finished", setting.answers.size()},
         {"final_value",
          {{"median", answer.median}, {"smallest", answer.smallest}, {"largest", answer.largest}}}});
  }
  return report_json_text({{"format", "optex-sweep"},
                           {"format_version", 1},
                           {"keys", keys},
                           {"runs", rows},
                           {"settings", settings}},
                          2) +
         "\n";
}

std::string sweep_text(const Sweep& sweep, const std::vector<RunStatus>& runs) {
  std::vector<SeedGroup> settings = by_setting(sweep, runs);
  std::stable_sort(settings.begin(), settings.end(), [](const SeedGroup& a, const SeedGroup& b) {
    if (a.answers.empty() || b.answers.empty()) return b.answers.empty() && !a.answers.empty();
    return a.answer().median < b.answer().median;
  });
  const bool several =
      std::any_of(settings.begin(), settings.end(), [](const SeedGroup& s) { return s.runs.size() > 1; });
  std::vector<std::vector<std::string>> rows(1);
  for (const SweepAxis& axis : sweep.axes)
    if (axis.key != seed_key) rows[0].push_back(axis.label);
  const std::size_t left_columns = rows[0].size();
  for (const char* name : {"final value", "rounds", "seconds"}) rows[0].emplace_back(name);
  if (several) {
    rows[0].insert(rows[0].begin() + static_cast<std::ptrdiff_t>(left_columns) + 1, {"smallest", "largest"});
    rows[0].emplace_back("seeds");
  }
  rows[0].emplace_back("state");
  for (const SeedGroup& setting : settings) {
    std::vector<std::string> row;
    for (std::size_t a = 0; a < sweep.axes.size(); ++a)
      if (sweep.axes[a].key != seed_key) row.push_back(setting.values[a].empty() ? "-" : setting.values[a]);
    const auto finished = static_cast<double>(setting.answers.size());
    const bool none = setting.answers.empty();
    const Spread answer = setting.answer();
    row.push_back(number_text(answer.median));
    if (several) row.insert(row.end(), {number_text(answer.smallest), number_text(answer.largest)});
    row.push_back(none ? "-" : fmt::format("{:.4g}", setting.iterations / finished));
    row.push_back(none ? "-" : fmt::format("{:.3g}", setting.seconds / finished));
    if (several) row.push_back(fmt::format("{}/{}", setting.answers.size(), setting.runs.size()));
    std::set<std::string> states;
    for (const std::size_t i : setting.runs) states.insert(runs[i].state);
    row.push_back(fmt::format("{}", fmt::join(states, ", ")));
    rows.push_back(std::move(row));
  }
  std::string text = in_columns(rows, left_columns);
  if (several) text += "final value: median over the seeds; rounds and seconds: means over finished runs\n";
  return text;
}

std::string sweep_summary(const std::vector<RunStatus>& runs) {
  std::string text = fmt::format("{} run{}:", runs.size(), runs.size() == 1 ? "" : "s");
  bool first = true;
  for (const char* state : {"finished", "running", "stopped", "failed", "unknown", "waiting"}) {
    const auto count =
        std::count_if(runs.begin(), runs.end(), [&](const RunStatus& run) { return run.state == state; });
    if (count == 0) continue;
    text += fmt::format("{}{} {}", first ? " " : ", ", count, state);
    first = false;
  }
  return text;
}

}  // namespace optex
