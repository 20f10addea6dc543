#include "findings.hpp"

#include "optex/comparison/break_even.hpp"
#include "optex/setup/value.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr double much_waiting = 0.3;    // of the wall time
constexpr double much_saving = 0.1;     // checkpoints, of the wall time
constexpr double much_chain = 0.3;      // fit and chain, of the wall time
constexpr double much_computing = 0.1;  // of the time: only then does it matter how even it is
constexpr double uneven_ranks = 0.7;    // the idlest rank's busy time over the busiest's
constexpr double still_falling = 0.02;  // of the way from the start, in the last tenth of the rounds
constexpr double large_prediction_error = 0.5;
constexpr double small_prediction_error = 0.1;
constexpr double few_steps = 1.5;             // accepted a round: hardly more than without predictions
constexpr std::size_t most_run_findings = 4;  // runs that get sentences of their own

constexpr double least_seconds = 5.0;  // shorter runs say nothing about where time goes

std::string percent(double share) { return fmt::format("{:.0f} %", 100.0 * share); }

/// "37 %", "0.52 %".
std::string error_text(double share) {
  return share >= 0.1 ? percent(share) : fmt::format("{:.2g} %", 100.0 * share);
}

double phase(const ReportedRun& run, std::string_view name) {
  const auto place = std::find(phase_names.begin(), phase_names.end(), name);
  return run.history.total.phases[static_cast<std::size_t>(place - phase_names.begin())];
}

void about_target(const Report& report, const ReportTarget& target, std::vector<std::string>& findings) {
  const std::string there =
      target.gap ? fmt::format("{} (best seen + {})", target.text, compact(*target.gap)) : target.text;
  std::vector<Cost> order{report.by};
  for (const Cost cost : all_costs)
    if (cost != report.by) order.push_back(cost);
  for (const Cost cost : order)
    findings.push_back(verdict_line(ranking(report, target, cost), cost, there) + ".");
}

/// When several gradients side by side pay beside one that is spread: as comparisons say it.
void about_break_even(const Report& report, const ReportTarget& target, std::vector<std::string>& findings) {
  std::vector<RoundsOf> ways;
  for (const Place& place : ranking(report, target, Cost::rounds))
    for (const RunGroup& group : report.groups) {
      const ReportedRun& run = report.runs[group.runs.front()];
      if (run.noisy || run.parallelism < 1) return;
      if (group.label == place.label && !group.ideal)
        ways.push_back({place.label, place.cost.median, run.parallelism, run.ranks});
    }
  if (const std::string line = break_even_of(ways); !line.empty()) findings.push_back(line + ".");
}

/// Who wins by each cost, at the tightest target that anybody reached; and at the tightest that all reached,
/// or most of them: who came nearest to the best must not hide who was faster on the way.
void about_speed(const Report& report, std::vector<std::string>& findings) {
  if (report.groups.size() < 2) return;
  const auto count = [&](const ReportTarget& target) { return ranking(report, target, Cost::rounds).size(); };
  std::size_t most = 0;
  for (const ReportTarget& target : report.targets) most = std::max(most, count(target));
  const auto told = [&](std::size_t least) {
    return std::find_if(report.targets.rbegin(), report.targets.rend(),
                        [&](const ReportTarget& target) { return count(target) >= least; });
  };
  if (most == 0) return;
  const auto by_most = told(most), by_any = told(1);
  for (const auto& target : {by_most, by_any}) {
    about_target(report, *target, findings);
    about_break_even(report, *target, findings);
    if (by_any == by_most) break;
  }
}

/// What makes a run go on. Gradients of optex.minimize(folder=...) come from its caller.
std::string way_on(const ReportedRun& run) {
  if (run.configured("problem.name") != "\"external\"") return "optex resume " + run.folder.string();
  return "call minimize again with this folder" +
         std::string(run.status.reason == "gtol"       ? " and a smaller gtol"
                     : run.status.reason == "callback" ? " and another callback"
                                                       : "");
}

void about_end(const ReportedRun& run, std::vector<std::string>& findings) {
  const std::string& state = run.status.state;
  if (state == "failed")
    findings.push_back(fmt::format("{} failed after round {}{}{}", run.label, run.status.iteration,
                                   run.status.message.empty() ? "" : ": ", run.status.message));
  else if (state == "stopped")
    findings.push_back(fmt::format("{} was stopped after round {} and can go on: {}", run.label,
                                   run.status.iteration, way_on(run)));
  else if (run.status.ended_without_word())
    findings.push_back(fmt::format("{} ended without a word after round {} and can go on: {}", run.label,
                                   run.status.iteration, way_on(run)));
  else if (run.status.is_asked())
    findings.push_back(
        fmt::format("{} goes on by optex ask and optex tell (round {}).", run.label, run.status.iteration));
  else if (state == "running")
    findings.push_back(
        fmt::format("{} was running when this was made (round {}).", run.label, run.status.iteration));
}

void about_rule(const ReportedRun& run, std::vector<std::string>& findings) {
  if (!run.status.rule.empty()) findings.push_back(fmt::format("{}: {}", run.label, run.status.rule));
}

void about_progress(const ReportedRun& run, std::vector<std::string>& findings) {
  const RunHistory& history = run.history;
  if (run.of_comparison || run.moves || run.status.state != "finished" || history.rounds < 20 ||
      history.improvements.empty())
    return;
  const double start = history.improvements.front().value, end = history.improvements.back().value;
  double before = start;
  for (const CurvePoint& step : history.improvements)
    if (static_cast<double>(step.round) <= 0.9 * static_cast<double>(history.last.round)) before = step.value;
  if (start > end && (before - end) > still_falling * (start - end) && run.status.reason == "iterations")
    findings.push_back(
        fmt::format("{} was still getting better at its end: the last tenth of the rounds brought {} "
                    "of all that was gained. More rounds (stop.iterations) would go lower.",
                    run.label, percent((before - end) / (start - end))));
}

void about_time(const ReportedRun& run, std::vector<std::string>& findings) {
  const double seconds = run.history.total.seconds;
  if (run.of_comparison || seconds < least_seconds) return;
  const double wait = phase(run, "wait") / seconds;
  const double evaluate = phase(run, "evaluate") / seconds;
  const double model = (phase(run, "fit") + phase(run, "chain")) / seconds;
  const double saving = phase(run, "checkpoint") / seconds;
  if (wait > much_waiting)
    findings.push_back(fmt::format(
        "{}: rank 0 waited {} of the time for other ranks' gradients and computed {}. {}", run.label,
        percent(wait), percent(evaluate),
        run.ranks > 1 ? "More ranks, or points that divide by the ranks, would shorten it." : ""));
  if (model > much_chain)
    findings.push_back(
        fmt::format("{}: {} of the time went into the model (fit and chain), not into gradients: the "
                    "gradients are cheap here. A smaller method.history makes the model cheaper.",
                    run.label, percent(model)));
  if (saving > much_saving)
    findings.push_back(
        fmt::format("{}: {} of the time went into checkpoints; checkpoint.every = \"15 min\" would "
                    "save most of it.",
                    run.label, percent(saving)));
}

void about_chain(const ReportedRun& run, std::vector<std::string>& findings) {
  const HistoryBucket& total = run.history.total;
  if (run.of_comparison || total.log_error.size() < 2 || total.log_error[1].count < 5) return;
  const double error = std::pow(10.0, total.log_error[1].value());
  const double accepted = total.accepted.value();
  std::string text =
      fmt::format("{}: the first predicted gradient was off by {} in the mean", run.label, error_text(error));
  if (total.log_error.size() > 2) {
    const std::size_t deepest = total.log_error.size() - 1;
    const double deep = std::pow(10.0, total.log_error[deepest].value());
    if (std::isfinite(deep))
      text += fmt::format(", that at depth {} by {}", depth_class_text(deepest), error_text(deep));
  }
  if (std::isfinite(accepted))
    text += fmt::format("; a round took {:.3g} optimizer steps in the mean", accepted);
  text +=
      error > large_prediction_error && !(accepted > few_steps)
          ? ". Predictions are worth little here: a smaller learning rate, another kernel or method.name = "
            "\"vanilla\" may do as well."
      : error < small_prediction_error ? ". The model predicts well."
                                       : ".";
  findings.push_back(text);
}

void about_ranks(const ReportedRun& run, std::vector<std::string>& findings) {
  const RankLoad& load = run.status.load;
  if (load.busy.size() < 2 || load.seconds < least_seconds) return;
  const auto [least, most] = std::minmax_element(load.busy.begin(), load.busy.end());
  const double all = load.busy_hours() + load.idle_hours();
  std::string text =
      fmt::format("{}: the ranks spent {} of their time computing gradients ({:.3g} of {:.3g} rank-hours)",
                  run.label, percent(all > 0.0 ? load.busy_hours() / all : 0.0), load.busy_hours(), all);
  if (*most > much_computing * load.seconds && *least < uneven_ranks * *most)
    text += fmt::format("; the work is uneven: rank {} computed {}, rank {} {} of the time",
                        most - load.busy.begin(), percent(*most / load.seconds), least - load.busy.begin(),
                        percent(*least / load.seconds));
  findings.push_back(text + ".");
}

/// One that says nothing of its configuration may minimise anything.
std::string why_not_comparable(const Report& report) {
  const bool all_known = std::none_of(report.runs.begin(), report.runs.end(),
                                      [](const ReportedRun& run) { return run.config.empty(); });
  return fmt::format(
      "{}: their values cannot be compared, so no gaps are counted.",
      all_known ? "The runs minimise different functions" : "What some of the runs minimise is not known");
}

/// How the measure stands at the end, and the largest and smallest that were seen, in the median of a group.
void about_measure(const Report& report, std::vector<std::string>& findings) {
  findings.emplace_back("F becomes another one from round to round here: its values cannot be compared.");
  if (report.measure.empty()) return;
  std::string text;
  for (const RunGroup& group : report.groups) {
    std::vector<double> last, largest;
    for (const std::size_t i : group.runs) {
      const auto& quality = report.runs[i].history.quality;
      const auto found = quality.find(report.measure);
      if (found == quality.end() || found->second.empty()) continue;
      last.push_back(found->second.back().value);
      largest.push_back(std::max_element(found->second.begin(), found->second.end(), [](auto& a, auto& b) {
                          return a.value < b.value;
                        })->value);
    }
    if (last.empty()) continue;
    text += fmt::format("{} {}: at the end {}, at most {}", text.empty() ? "" : ";", group.label,
                        compact(spread_of(last).median), compact(spread_of(largest).median));
    if (last.size() > 1) text += fmt::format(" (medians of {})", last.size());
  }
  if (!text.empty()) findings.push_back(fmt::format("{} by{}.", report.measure, text));
}

}  // namespace

std::vector<std::string> findings_of(const Report& report) {
  std::vector<std::string> findings;
  if (!report.one_problem) findings.push_back(why_not_comparable(report));
  if (report.moves) about_measure(report, findings);
  about_speed(report, findings);
  for (const ReportedRun& run : report.runs) about_end(run, findings);
  std::size_t told = 0;
  for (const RunGroup& group : report.groups) {
    if (told++ == most_run_findings) break;
    const ReportedRun& run = report.runs[group.runs.front()];
    for (const ReportedEvent& event : run.events)
      if (event.kind == "diagnosis") findings.push_back(fmt::format("{}: {}.", run.label, event.text));
    about_rule(run, findings);
    about_progress(run, findings);
    about_chain(run, findings);
    about_time(run, findings);
    about_ranks(run, findings);
  }
  for (const ReportedRun& run : report.runs)
    for (const std::string& remark : run.remarks)
      findings.push_back(fmt::format("{}: {}.", run.label, remark));
  return findings;
}

}  // namespace optex
