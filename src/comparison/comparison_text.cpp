#include "optex/comparison/comparison.hpp"
#include "optex/text/columns.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

using Row = std::vector<std::string>;

std::string rate_text(const Contender& contender) {
  if (!contender.learning_rate) return "-";
  return fmt::format("{:.4g}{}", *contender.learning_rate, contender.rate_at_edge ? "!" : "");
}

/// "13", or "13 (11-15)" when the seeds differ; "-" stands for a run that never came there.
std::string spread_text(const Spread& spread, std::string_view unit = "", double scale = 1.0) {
  const auto number = [&](double x) {
    return std::isfinite(x) ? fmt::format("{:.4g}", scale * x) : std::string("-");
  };
  if (spread.smallest == spread.largest) return number(spread.median) + std::string(unit);
  return fmt::format("{}{} ({}-{})", number(spread.median), unit, number(spread.smallest),
                     number(spread.largest));
}

std::vector<const Contender*> by_rounds(const Comparison& comparison, double target) {
  std::vector<const Contender*> order;
  for (const Contender& contender : comparison.contenders) order.push_back(&contender);
  std::stable_sort(order.begin(), order.end(), [&](const Contender* a, const Contender* b) {
    return reach_of(*a, target).rounds.median < reach_of(*b, target).rounds.median;
  });
  return order;
}

std::string target_table(const Comparison& comparison, double target) {
  if (is_met_at_start(comparison, target)) return fmt::format("F <= {}: met at the start\n", target);
  std::vector<Row> rows{
      {"method", "learning rate", "rounds", "gradients", "wall time", "rank-hours", "runs"}};
  for (const Contender* const contender : by_rounds(comparison, target)) {
    const Reach reach = reach_of(*contender, target);
    Row row{contender->label + (contender->ideal ? " (ideal)" : ""), rate_text(*contender)};
    if (reach.reached == 0) {
      const double smallest = smallest_value(*contender);
      row.push_back(std::isfinite(smallest) ? fmt::format("not reached; {:.6g} at best", smallest)
                                            : std::string("not reached; failed"));
    } else {
      row.push_back(spread_text(reach.rounds));
      row.push_back(spread_text(reach.evaluations));
      row.push_back(spread_text(reach.seconds, " s"));
      row.push_back(spread_text(reach.seconds, "", comparison.ranks / 3600.0));
      row.push_back(fmt::format("{} of {}", reach.reached, contender->runs.size()));
    }
    rows.push_back(std::move(row));
  }
  return fmt::format("F <= {}\n{}", target, in_columns(rows, rows.front().size(), "  "));
}

std::string whole_table(const Comparison& comparison) {
  std::vector<Row> rows{
      {"method", "learning rate", "rounds", "gradients", "wall time", "F at the end", "tuning"}};
  for (const Contender& contender : comparison.contenders) {
    if (contender.runs.empty()) continue;
    std::vector<double> rounds, evaluations, seconds, values;
    for (const RunRecord& run : contender.runs) {
      rounds.push_back(static_cast<double>(run.rounds));
      evaluations.push_back(static_cast<double>(run.evaluations));
      seconds.push_back(run.seconds);
      values.push_back(final_value(run));
    }
    const TuningCost& tuning = contender.tuning;
    rows.push_back({contender.label, rate_text(contender), spread_text(spread_of(rounds)),
                    spread_text(spread_of(evaluations)), spread_text(spread_of(seconds), " s"),
                    spread_text(spread_of(values)),
                    tuning.runs == 0 ? "none"
                                     : fmt::format("{} runs, {} gradients, {:.3g} s", tuning.runs,
                                                   tuning.evaluations, tuning.seconds)});
  }
  return "Whole runs\n" + in_columns(rows, rows.front().size(), "  ");
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  std::vector<std::string> targets;
  for (const double target : comparison.targets) targets.push_back(fmt::format("{}", target));
  std::size_t seeds = 0;
  bool any_edge = false, any_failed = false;
  for (const Contender& contender : comparison.contenders) {
    seeds = std::max(seeds, contender.runs.size());
    any_edge = any_edge || contender.rate_at_edge;
    for (const RunRecord& run : contender.runs) any_failed = any_failed || run.failed();
  }
  std::string text = fmt::format(
      "Targets F <= {} ({}); {} rank{}{}\n", fmt::join(targets, ", "), comparison.origin_of_targets,
      comparison.ranks, comparison.ranks == 1 ? "" : "s",
      seeds > 1 ? fmt::format("; medians over {} seeds (smallest-largest)", seeds) : std::string());
  if (comparison.measured_every > 1)
    text += fmt::format("F is measured every {} rounds: no count is finer than that\n",
                        comparison.measured_every);
  for (const double target : comparison.targets) text += "\n" + target_table(comparison, target);
  text += "\n" + whole_table(comparison);
  if (any_edge) text += "  ! the best rate stands at the edge of those that were tried\n";
  if (any_failed)
    for (const Contender& contender : comparison.contenders)
      for (const RunRecord& run : contender.runs)
        if (run.failed())
          text += fmt::format("  {}, seed {}, failed: {}\n", contender.label, run.seed, run.message);
  text += "\n";
  for (const std::string& line : verdict_on(comparison).lines) text += line + ".\n";
  return text;
}

}  // namespace optex
