#include "optex/report/report.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "findings.hpp"
#include "report_targets.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

constexpr std::size_t most_label_keys = 3;

/// Keys that say what is computed; where, how long and how loud do not set runs apart.
bool sets_apart(const std::string& key) {
  for (const char* section : {"run.", "stop.", "checkpoint.", "failure.", "log.", "parallel."})
    if (key.starts_with(section)) return false;
  return true;
}

bool describes_problem(const std::string& key) {
  return (key.starts_with("problem.") && key != "problem.initial") || key == "data.source" ||
         key == "data.path" || key == "data.limit";
}

template <class Choose>
std::string signature(const ReportedRun& run, Choose choose) {
  std::string text;
  std::map<std::string, std::string> sorted(run.config.begin(), run.config.end());
  for (const auto& [key, value] : sorted)
    if (choose(key)) text += key + "=" + value + "\n";
  return text;
}

std::string without_quotes(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

std::vector<RunGroup> group_runs(const std::vector<ReportedRun>& runs) {
  std::vector<RunGroup> groups;
  std::map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    // Runs without a configuration, or with the same one and the same seed, are told apart by their folders.
    std::string identity = signature(runs[i], sets_apart);
    if (runs[i].of_comparison) identity += runs[i].folder.string();
    if (runs[i].config.empty()) identity += runs[i].folder.string();
    const auto [found, fresh] = place.emplace(identity, groups.size());
    if (fresh) groups.push_back({runs[i].name, {}, runs[i].ideal});
    groups[found->second].runs.push_back(i);
  }
  // The same seed twice is the same run made twice, say on other ranks: a curve each.
  std::vector<RunGroup> split;
  for (RunGroup& group : groups) {
    std::set<std::string> seeds;
    for (const std::size_t i : group.runs) seeds.insert(runs[i].configured("run.seed"));
    if (seeds.size() == group.runs.size()) {
      split.push_back(std::move(group));
      continue;
    }
    for (const std::size_t i : group.runs) split.push_back({runs[i].name, {i}, runs[i].ideal});
  }
  return split;
}

std::vector<KeyRow> differing(const std::vector<ReportedRun>& runs, const std::vector<RunGroup>& groups) {
  std::vector<std::string> keys;
  for (const RunGroup& group : groups)
    for (const auto& [key, value] : runs[group.runs.front()].config)
      if (key != "run.name" && key != "run.output" && key != "run.seed" &&
          std::find(keys.begin(), keys.end(), key) == keys.end())
        keys.push_back(key);
  std::vector<KeyRow> rows;
  for (const std::string& key : keys) {
    KeyRow row{key, {}};
    for (const RunGroup& group : groups) row.values.push_back(runs[group.runs.front()].configured(key));
    const bool same = std::all_of(row.values.begin(), row.values.end(),
                                  [&](const auto& v) { return v == row.values.front(); });
    if (!same) rows.push_back(std::move(row));
  }
  return rows;
}

/// "learning_rate=0.01, method=vanilla" when few keys say it all; otherwise the folder's name stays.
void name_groups(Report& report) {
  std::vector<const KeyRow*> telling;
  for (const KeyRow& row : report.differences)
    if (sets_apart(row.key)) telling.push_back(&row);
  std::set<std::string> names;
  for (const RunGroup& group : report.groups) names.insert(group.label);
  const bool comparison = std::any_of(report.runs.begin(), report.runs.end(),
                                      [](const ReportedRun& run) { return run.of_comparison; });
  const bool folders_tell = names.size() == report.groups.size();
  const bool several_seeds = std::any_of(report.groups.begin(), report.groups.end(),
                                         [](const RunGroup& group) { return group.runs.size() > 1; });
  // The user's own names are better than ours, unless a name is one of many seeds'.
  if (folders_tell && (!several_seeds || comparison)) return;
  // Keys that follow from another one (what only one method has) do not help.
  std::vector<const KeyRow*> used;
  std::set<std::string> labels;
  std::vector<std::string> texts(report.groups.size());
  for (const KeyRow* row : telling) {
    if (used.size() == most_label_keys) break;
    std::vector<std::string> longer = texts;
    for (std::size_t g = 0; g < texts.size(); ++g) {
      if (row->values[g].empty()) continue;
      const std::size_t dot = row->key.rfind('.');
      const std::string name = row->key.substr(dot + 1);
      longer[g] += (longer[g].empty() ? "" : ", ") + (name == "name" || name == "update"
                                                          ? without_quotes(row->values[g])
                                                          : name + " " + without_quotes(row->values[g]));
    }
    const std::set<std::string> distinct(longer.begin(), longer.end());
    if (distinct.size() <= labels.size()) continue;  // says nothing new
    texts = std::move(longer);
    labels = distinct;
    used.push_back(row);
    if (labels.size() == report.groups.size()) break;
  }
  for (std::size_t g = 0; g < texts.size(); ++g) {
    RunGroup& group = report.groups[g];
    if (labels.size() == report.groups.size() && !texts[g].empty())
      group.label = texts[g];
    else if (!folders_tell)
      group.label = report.runs[group.runs.front()].folder.string();
  }
}

/// The mean return where there is one: how much an agent explores is no merit.
std::string measure_of(const Report& report) {
  std::set<std::string> names;
  for (const ReportedRun& run : report.runs)
    for (const auto& [name, points] : run.history.quality) names.insert(name);
  return names.empty() ? "" : names.contains("mean_return") ? "mean_return" : *names.begin();
}

std::string title_of(const Report& report) {
  std::set<std::string> problems;
  for (const ReportedRun& run : report.runs)
    if (const std::string name = without_quotes(run.configured("problem.name")); !name.empty())
      problems.insert(name);
  if (report.runs.size() == 1) return report.runs.front().name;
  const std::string about = problems.empty() ? "" : fmt::format(" of {}", fmt::join(problems, ", "));
  return fmt::format("{} runs{}", report.runs.size(), about);
}

}  // namespace

Report make_report(std::vector<ReportedRun> runs, const ReportOptions& options) {
  Report report;
  report.runs = std::move(runs);
  report.groups = group_runs(report.runs);
  report.differences = differing(report.runs, report.groups);
  name_groups(report);
  for (const RunGroup& group : report.groups)
    for (const std::size_t i : group.runs)
      report.runs[i].label = group.runs.size() == 1 ? group.label
                                                    : fmt::format("{}, seed {}", group.label,
                                                                  report.runs[i].configured("run.seed"));
  std::set<std::string> problems;
  for (const ReportedRun& run : report.runs) problems.insert(signature(run, describes_problem));
  report.one_problem = problems.size() <= 1;
  report.title = title_of(report);
  report.by = options.by;
  report.moves =
      std::any_of(report.runs.begin(), report.runs.end(), [](const ReportedRun& run) { return run.moves; });
  if (report.moves) report.measure = measure_of(report);
  if (report.one_problem && !report.moves && !report.groups.empty()) count_targets(report, options.targets);
  report.findings = findings_of(report);
  return report;
}

}  // namespace optex
