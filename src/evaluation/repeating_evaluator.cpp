#include "optex/evaluation/repeating_evaluator.hpp"

#include <utility>

namespace optex {
namespace {

constexpr double same = 1e-8;  // relative

bool differ(const Evaluation& first, const Evaluation& second) {
  if (!is_usable(first) || !is_usable(second)) return true;
  return std::abs(first.value - second.value) > same * std::abs(first.value) ||
         squared_distance(first.gradient, second.gradient) > same * same * squared_norm(first.gradient);
}

}  // namespace

void RepeatingEvaluator::begin(const Opening& opening) {
  first_.reset();
  announced_ = opening.points;
  inner().begin({opening.points + (repeat_ ? 1 : 0), opening.late});
}

void RepeatingEvaluator::submit(Point point) {
  if (repeat_ && !first_) first_ = point;
  inner().submit(std::move(point));
}

Round RepeatingEvaluator::close(const Closing& how) {
  if (!first_) return inner().close(how);
  repeat_ = false;
  first_->key.point = static_cast<std::int32_t>(announced_);  // no other point of the round has this number
  inner().submit(*std::exchange(first_, std::nullopt));
  Round round = inner().close();
  differ_ = differ(round.evaluations.front(), round.evaluations.back());
  round.evaluations.pop_back();
  return round;
}

}  // namespace optex
