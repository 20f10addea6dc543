#include "optex/report/report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "findings.hpp"
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

std::optional<double> median_of(std::vector<double> numbers) {
  if (numbers.empty()) return std::nullopt;
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  const double median =
      numbers.size() % 2 == 1 ? numbers[middle] : 0.5 * (numbers[middle - 1] + numbers[middle]);
  if (!std::isfinite(median)) return std::nullopt;
  return median;
}

GroupReach reach_of_group(const Report& report, const RunGroup& group, double target) {
  constexpr double never = std::numeric_limits<double>::infinity();
  GroupReach reach;
  std::vector<double> rounds, evaluations, seconds;
  for (const std::size_t i : group.runs) {
    const Improvement* const point = first_at(report.runs[i].history, target);
    if (point != nullptr) ++reach.reached;
    rounds.push_back(point == nullptr ? never : static_cast<double>(point->round));
    evaluations.push_back(point == nullptr ? never : static_cast<double>(point->evaluations));
    seconds.push_back(point == nullptr ? never : point->seconds);
  }
  reach.rounds = median_of(rounds);
  reach.evaluations = median_of(evaluations);
  reach.seconds = median_of(seconds);
  return reach;
}

std::optional<double> ratio(const std::optional<double>& reference, const std::optional<double>& own) {
  if (!reference || !own || *own <= 0.0) return std::nullopt;
  return *reference / *own;
}

/// Where the reference's first run stands after 25, 50 and 100 % of its rounds, each below the one before.
std::vector<double> targets_of(const ReportedRun& run) {
  std::vector<double> targets;
  const std::vector<Improvement>& steps = run.history.improvements;
  if (steps.size() < 2) return targets;
  for (const double share : {0.25, 0.5, 1.0}) {
    const double round = share * static_cast<double>(run.history.last.round);
    double value = std::numeric_limits<double>::quiet_NaN();
    for (const Improvement& step : steps)
      if (static_cast<double>(step.round) <= round) value = step.value;
    if (std::isfinite(value) && value < steps.front().value && (targets.empty() || value < targets.back()))
      targets.push_back(value);
  }
  return targets;
}

/// A run that stop.value ended was not asked for less: a reference that overshot must not seem to be the only
/// one that came there.
double loosest_end_by_value(const Report& report) {
  double loosest = -std::numeric_limits<double>::infinity();
  for (const ReportedRun& run : report.runs)
    if (run.status.reason == "value" && !run.history.improvements.empty())
      loosest = std::max(loosest, run.history.improvements.back().value);
  return loosest;
}

void count_targets(Report& report, const ReportOptions& options) {
  const auto vanilla = std::find_if(report.groups.begin(), report.groups.end(), [&](const RunGroup& group) {
    return without_quotes(report.runs[group.runs.front()].configured("method.name")) == "vanilla";
  });
  if (vanilla != report.groups.end())
    report.reference = static_cast<std::size_t>(vanilla - report.groups.begin());
  const RunGroup& reference = report.groups[report.reference];
  std::vector<double> values = options.targets;
  report.origin_of_targets = "as asked for";
  if (values.empty()) {
    values = targets_of(report.runs[reference.runs.front()]);
    for (double& value : values) value = std::max(value, loosest_end_by_value(report));
    report.origin_of_targets =
        fmt::format("where {} stands after 25, 50 and 100 % of its rounds", reference.label);
  }
  std::sort(values.rbegin(), values.rend());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (const double value : values) {
    ReportTarget target{value, {}};
    for (const RunGroup& group : report.groups) target.groups.push_back(reach_of_group(report, group, value));
    const GroupReach& base = target.groups[report.reference];
    for (GroupReach& reach : target.groups) {
      reach.fewer_rounds = ratio(base.rounds, reach.rounds);
      reach.fewer_evaluations = ratio(base.evaluations, reach.evaluations);
      reach.faster = ratio(base.seconds, reach.seconds);
    }
    report.targets.push_back(std::move(target));
  }
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
  if (report.one_problem && !report.groups.empty()) count_targets(report, options);
  report.findings = findings_of(report);
  return report;
}

}  // namespace optex
