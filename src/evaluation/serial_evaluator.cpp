#include "optex/evaluation/serial_evaluator.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <string>
#include <utility>

namespace optex {

SerialEvaluator::SerialEvaluator(const Objective& objective)
    : objective_(objective), dimension_(objective.dimension()) {}

void SerialEvaluator::begin(Index points) {
  announced_ = points;
  points_.clear();
}

void SerialEvaluator::submit(const SampleKey& key, ConstVectorRef theta) {
  Vector copy = pool_.take(theta.size());
  copy = theta;
  submit_shared(key, pool_.lend(std::move(copy)));
}

void SerialEvaluator::submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) {
  check_submission(static_cast<Index>(points_.size()), announced_, theta->size(), dimension_);
  points_.push_back({key, std::move(theta)});
}

std::vector<Evaluation> SerialEvaluator::collect() {
  const Stopwatch watch;
  std::vector<Evaluation> evaluations(points_.size());
  for (std::size_t i = 0; i < points_.size(); ++i) {
    Point& point = points_[i];
    Evaluation& evaluation = evaluations[i];
    evaluation.failure = evaluate_shards(objective_, point.key, *point.theta, {0, objective_.shard_count()},
                                         pool_, [&](PartialSum total) {
                                           evaluation.value = total.value;
                                           evaluation.gradient = std::move(total.gradient);
                                         });
    point.theta.reset();
  }
  points_.clear();
  announced_ = 0;
  times_ = {watch.seconds(), 0.0};
  return evaluations;
}

}  // namespace optex
