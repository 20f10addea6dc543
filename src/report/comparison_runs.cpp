#include "comparison_runs.hpp"

#include <algorithm>
#include <cmath>

#include "json_file.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

/// A line of compare-runs.jsonl as the history of a run; nothing when it is damaged.
std::optional<ReportedRun> contender_of(const std::string& text) {
  const ReportJson line = ReportJson::parse(text, nullptr, false);
  if (!line.is_object() || !line.contains("curve") || !line["curve"].is_array()) return std::nullopt;
  ReportedRun run;
  run.of_comparison = true;
  run.name = text_in(line, "method");
  run.status.state = text_in(line, "end") == "error" ? "failed" : "finished";
  run.status.reason = text_in(line, "end");
  run.status.message = text_in(line, "message");
  run.status.iteration = integer_in(line, "rounds");
  run.status.evaluations = integer_in(line, "evaluations");
  run.status.seconds = number_in(line, "seconds");
  run.config.emplace_back("method.name", run.name);
  run.config.emplace_back("run.seed", std::to_string(integer_in(line, "seed")));
  const double rate = number_in(line, "learning_rate");
  if (!std::isnan(rate)) run.config.emplace_back("optimizer.learning_rate", fmt::format("{}", rate));
  RunHistory& history = run.history;
  double best = std::numeric_limits<double>::infinity();
  for (const ReportJson& point : line["curve"]) {
    if (!point.is_array() || point.size() != 4 || !point[0].is_number_integer() ||
        !point[1].is_number_integer() || !point[2].is_number())
      continue;
    HistoryRow row;
    row.round = point[0].get<std::int64_t>();
    row.evaluations = point[1].get<std::int64_t>();
    row.seconds = point[2].get<double>();
    if (point[3].is_number()) row.value = point[3].get<double>();
    if (row.value < best) {
      best = row.value;
      history.improvements.push_back({row.round, row.evaluations, row.seconds, best});
    }
    row.best_value = best;
    history.rows.push_back(row);
    history.last = row;
  }
  history.rounds = run.status.iteration;
  run.status.best_value = best;
  run.status.final_value = history.last.value;
  return run;
}

bool same_rate(const ReportJson& method, const ReportedRun& run) {
  const double rate = number_in(method, "learning_rate");
  const std::string own = run.configured("optimizer.learning_rate");
  return std::isnan(rate) ? own.empty() : own == fmt::format("{}", rate);
}

}  // namespace

std::vector<ReportedRun> read_comparison_runs(const std::filesystem::path& folder) {
  std::vector<ReportedRun> all;
  read_lines(folder / "compare-runs.jsonl", [&](const std::string& text) {
    if (auto run = contender_of(text)) {
      run->folder = folder;
      all.push_back(std::move(*run));
    }
  });
  const auto page = read_json_object(folder / "compare.json");
  if (!page || !page->contains("methods") || !(*page)["methods"].is_array()) return all;
  std::vector<double> targets;
  if (const auto given = page->find("targets"); given != page->end() && given->is_array())
    for (const ReportJson& target : *given)
      if (target.is_number()) targets.push_back(target.get<double>());
  std::vector<ReportedRun> chosen;
  for (const ReportJson& method : (*page)["methods"]) {
    if (!method.is_object() || !method.contains("runs") || !method["runs"].is_array()) continue;
    for (const ReportJson& row : method["runs"]) {
      if (!row.is_object()) continue;
      const std::string seed = std::to_string(integer_in(row, "seed"));
      const auto found = std::find_if(all.rbegin(), all.rend(), [&](const ReportedRun& run) {
        return run.name == text_in(method, "method") && run.configured("run.seed") == seed &&
               same_rate(method, run) && run.status.iteration == integer_in(row, "rounds");
      });
      if (found == all.rend()) continue;
      chosen.push_back(*found);
      chosen.back().targets = targets;
      chosen.back().ideal = method.contains("ideal") && method["ideal"] == true;
      chosen.back().parallelism = integer_in(method, "points");
    }
  }
  return chosen;
}

}  // namespace optex
