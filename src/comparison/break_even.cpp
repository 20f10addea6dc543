#include "optex/comparison/break_even.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace optex {
namespace {

/// Of a round, in gradients on one rank, when all of a gradient can be split, and when nothing can.
struct RoundCost {
  double split, whole;
};

RoundCost cost_of_round(Index points, int ranks) {
  const double lots = static_cast<double>(points) / static_cast<double>(ranks);
  if (lots <= 1.0) return {lots, 1.0};
  return {std::ceil(lots), std::ceil(lots)};
}

}  // namespace

std::optional<double> break_even_share(const RoundsOf& many, const RoundsOf& one, int ranks) {
  const RoundCost of_many = cost_of_round(many.points, ranks);
  const RoundCost of_one = cost_of_round(one.points, ranks);
  // What `many` saves is linear in the share.
  const double at_none = one.rounds * of_one.split - many.rounds * of_many.split;
  const double at_all = one.rounds * of_one.whole - many.rounds * of_many.whole;
  if (!(at_all > 0.0)) return std::nullopt;
  return at_none >= 0.0 ? 0.0 : at_none / (at_none - at_all);
}

std::string break_even_line(const RoundsOf& many, const RoundsOf& one, int ranks) {
  const std::optional<double> share = break_even_share(many, one, ranks);
  const std::string where = fmt::format("On {} rank{}", ranks, ranks == 1 ? "" : "s");
  if (!share)
    return fmt::format("{} {} saves no time beside {}, however dear a gradient is", where, many.label,
                       one.label);
  const std::string which =
      *share > 0.0 ? fmt::format("where more than {:.0f} % of a gradient's time cannot be split over ranks",
                                 std::ceil(100.0 * *share))
                   : std::string("however well a gradient can be split over ranks");
  return fmt::format("{} {} needs less time than {} {} (what rank 0 computes between rounds not counted)",
                     where, many.label, one.label, which);
}

std::string break_even_of(const std::vector<RoundsOf>& cheapest_first) {
  const auto first = [&](bool several) {
    return std::find_if(cheapest_first.begin(), cheapest_first.end(),
                        [&](const RoundsOf& way) { return (way.points > 1) == several; });
  };
  const auto many = first(true), one = first(false);
  if (many == cheapest_first.end() || one == cheapest_first.end()) return {};
  return break_even_line(*many, *one, static_cast<int>(many->ranks > 1 ? many->ranks : many->points));
}

}  // namespace optex
