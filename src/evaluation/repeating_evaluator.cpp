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

void RepeatingEvaluator::begin(Index points) {
  submitted_ = 0;
  announced_ = points;
  inner().begin(points + (repeat_ ? 1 : 0));
}

void RepeatingEvaluator::submit(const SampleKey& key, ConstVectorRef theta) {
  if (repeat_ && submitted_ == 0) return submit_shared(key, std::make_shared<const Vector>(theta));
  ++submitted_;
  inner().submit(key, theta);
}

void RepeatingEvaluator::submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) {
  if (repeat_ && submitted_ == 0) {
    first_key_ = key;
    first_point_ = theta;
  }
  ++submitted_;
  inner().submit_shared(key, std::move(theta));
}

std::vector<Evaluation> RepeatingEvaluator::collect() {
  if (!repeat_ || submitted_ == 0) return inner().collect();
  repeat_ = false;
  first_key_.point = static_cast<std::int32_t>(announced_);  // no other point of the round has this number
  inner().submit_shared(first_key_, std::move(first_point_));
  std::vector<Evaluation> evaluations = inner().collect();
  differ_ = differ(evaluations.front(), evaluations.back());
  evaluations.pop_back();
  return evaluations;
}

}  // namespace optex
