#include "optex/evaluation/repeating_evaluator.hpp"

namespace optex {
namespace {

constexpr double same = 1e-8;  // relative

bool differ(const Evaluation& first, const Evaluation& second) {
  if (!is_usable(first) || !is_usable(second)) return true;
  return std::abs(first.value - second.value) > same * std::abs(first.value) ||
         squared_distance(first.gradient, second.gradient) > same * same * squared_norm(first.gradient);
}

}  // namespace

void RepeatingEvaluator::begin(Index points) {
  submitted_ = 0;
  announced_ = points;
  inner_.begin(points + (repeat_ ? 1 : 0));
}

void RepeatingEvaluator::submit(const SampleKey& key, ConstVectorRef theta) {
  if (repeat_ && submitted_ == 0) {
    first_key_ = key;
    first_point_ = theta;
  }
  ++submitted_;
  inner_.submit(key, theta);
}

std::vector<Evaluation> RepeatingEvaluator::collect() {
  if (!repeat_ || submitted_ == 0) return inner_.collect();
  repeat_ = false;
  first_key_.point = static_cast<std::int32_t>(announced_);  // no other point of the round has this number
  inner_.submit(first_key_, first_point_);
  first_point_.resize(0);
  std::vector<Evaluation> evaluations = inner_.collect();
  differ_ = differ(evaluations.front(), evaluations.back());
  evaluations.pop_back();
  return evaluations;
}

}  // namespace optex
