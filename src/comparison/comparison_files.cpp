#include "optex/comparison/comparison.hpp"
#include "optex/core/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson json_of(const Spread& spread, double scale = 1.0) {
  return {{"median", scale * spread.median},
          {"smallest", scale * spread.smallest},
          {"largest", scale * spread.largest}};
}

OrderedJson json_of(const Contender& contender, const Comparison& comparison) {
  OrderedJson runs = OrderedJson::array();
  for (const RunRecord& run : contender.runs)
    runs.push_back({{"seed", run.seed},
                    {"end", run.end},
                    {"message", run.message},
                    {"rounds", run.rounds},
                    {"evaluations", run.evaluations},
                    {"seconds", run.seconds},
                    {"final_value", final_value(run)}});
  OrderedJson targets = OrderedJson::array();
  for (const double target : comparison.targets) {
    const Reach reach = reach_of(contender, target);
    targets.push_back({{"value", target},
                       {"reached", reach.reached},
                       {"rounds", json_of(reach.rounds)},
                       {"evaluations", json_of(reach.evaluations)},
                       {"seconds", json_of(reach.seconds)},
                       {"rank_hours", json_of(reach.seconds, comparison.ranks / 3600.0)}});
  }
  return {{"method", contender.label},
          {"ideal", contender.ideal},
          {"points", contender.points},
          {"learning_rate", contender.learning_rate ? OrderedJson(*contender.learning_rate) : OrderedJson()},
          {"rate_at_edge", contender.rate_at_edge},
          {"tuning",
           {{"runs", contender.tuning.runs},
            {"evaluations", contender.tuning.evaluations},
            {"seconds", contender.tuning.seconds}}},
          {"runs", runs},
          {"targets", targets}};
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  const Judgement verdict = verdict_on(comparison);
  OrderedJson methods = OrderedJson::array();
  for (const Contender& contender : comparison.contenders) methods.push_back(json_of(contender, comparison));
  const OrderedJson page = {{"format", "optex-comparison"},
                            {"format_version", 1},
                            {"ranks", comparison.ranks},
                            {"noisy", comparison.noisy},
                            {"measured_every", comparison.measured_every},
                            {"targets", comparison.targets},
                            {"origin_of_targets", comparison.origin_of_targets},
                            {"methods", methods},
                            {"verdict",
                             {{"target", verdict.target ? OrderedJson(*verdict.target) : OrderedJson()},
                              {"by_rounds", verdict.by_rounds},
                              {"by_evaluations", verdict.by_evaluations},
                              {"by_seconds", verdict.by_seconds},
                              {"lines", verdict.lines}}}};
  return page.dump(2, ' ', false, nlohmann::detail::error_handler_t::replace) + "\n";
}

std::string comparison_csv(const Comparison& comparison) {
  std::string text = "method,learning_rate,seed,target,reached,rounds,evaluations,seconds,rank_hours\n";
  for (const Contender& contender : comparison.contenders)
    for (const RunRecord& run : contender.runs)
      for (const double target : comparison.targets) {
        const CurvePoint* const point = first_at(run, target);
        text += fmt::format(
            "{},{},{},{},{},{}\n", csv_cell(contender.label),
            contender.learning_rate ? fmt::format("{}", *contender.learning_rate) : std::string(), run.seed,
            target, point == nullptr ? 0 : 1,
            point == nullptr ? std::string(",,,")
                             : fmt::format("{},{},{},{}", point->round, point->evaluations, point->seconds,
                                           point->seconds * comparison.ranks / 3600.0));
      }
  return text;
}

}  // namespace optex
