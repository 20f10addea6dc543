#include "prober.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace optex {
namespace {

constexpr Index most_numbers_in_a_round = Index{1} << 27;  // 1 GiB of theta under way

}  // namespace

Evaluation Prober::at_theta() {
  const Move nowhere;
  Evaluation here = std::move(evaluate(std::span(&nowhere, 1)).front());
  if (here.failed()) throw EvaluationError(here.failure);
  if (!is_usable(here))
    throw NumericalError("value or gradient is not finite (value " + std::to_string(here.value) + ")");
  return here;
}

std::vector<double> Prober::values(std::span<const Move> moves) {
  const auto at_once = static_cast<std::size_t>(std::max<Index>(2, most_numbers_in_a_round / theta_.size()));
  std::vector<double> found;
  for (; !moves.empty(); moves = moves.subspan(std::min(at_once, moves.size())))
    for (const Evaluation& answer : evaluate(moves.first(std::min(at_once, moves.size())))) {
      const bool usable = !answer.failed() && std::isfinite(answer.value);
      if (!usable) last_failure_ = answer.failed() ? answer.failure : "the value is not finite";
      found.push_back(usable ? answer.value : std::numeric_limits<double>::quiet_NaN());
    }
  return found;
}

double Prober::difference(const Vector& v, double h) {
  const std::vector<double> both = values(std::array{Move{&v, h}, Move{&v, -h}});
  return (both[0] - both[1]) / (2.0 * h);
}

std::vector<Evaluation> Prober::evaluate(std::span<const Move> moves) {
  evaluator_.begin({static_cast<Index>(moves.size())});
  for (const Move& move : moves) {
    if (move.direction == nullptr)
      evaluator_.submit(point_at(sample_, theta_));
    else
      evaluator_.submit(point_at(sample_, theta_ + move.length * *move.direction));
  }
  gradients_ += static_cast<Index>(moves.size());
  return evaluator_.close().evaluations;
}

}  // namespace optex
