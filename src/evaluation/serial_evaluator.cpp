#include "optex/evaluation/serial_evaluator.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <algorithm>
#include <memory>
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

void SerialEvaluator::submit_late(const SampleKey& key, ConstVectorRef theta) {
  const bool known =
      std::any_of(late_.begin(), late_.end(), [&](const Point& point) { return point.key == key; });
  if (!known) late_.push_back({key, std::make_shared<const Vector>(theta)});
}

Evaluation SerialEvaluator::evaluate(Point& point) {
  Evaluation evaluation;
  evaluation.failure = evaluate_shards(objective_, point.key, *point.theta, {0, objective_.shard_count()},
                                       pool_, [&](PartialSum total) {
                                         evaluation.value = total.value;
                                         evaluation.gradient = std::move(total.gradient);
                                       });
  point.theta.reset();
  return evaluation;
}

std::vector<Evaluation> SerialEvaluator::collect() {
  const Stopwatch watch;
  std::vector<Evaluation> evaluations;
  evaluations.reserve(points_.size());
  for (Point& point : points_) evaluations.push_back(evaluate(point));
  points_.clear();
  announced_ = 0;
  times_ = {watch.seconds(), 0.0};
  return evaluations;
}

ClosedRound SerialEvaluator::collect_quorum(Index) {
  ClosedRound closed{collect(), {}};
  const Stopwatch watch;
  for (Point& point : late_) closed.late.push_back({point.key, evaluate(point)});
  late_.clear();
  times_.evaluate += watch.seconds();
  return closed;
}

}  // namespace optex
