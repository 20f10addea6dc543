#include "optex/evaluation/serial_evaluator.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <algorithm>
#include <utility>

namespace optex {

SerialEvaluator::SerialEvaluator(const Objective& objective)
    : objective_(objective), dimension_(objective.dimension()) {}

void SerialEvaluator::begin(const Opening& opening) {
  announced_ = opening.points;
  points_.clear();
  for (const Point& late : opening.late) {
    const bool known =
        std::any_of(late_.begin(), late_.end(), [&](const Point& point) { return point.key == late.key; });
    if (!known) late_.push_back(late);
  }
}

void SerialEvaluator::submit(Point point) {
  check_submission(std::ssize(points_), announced_, point.theta->size(), dimension_);
  points_.push_back(std::move(point));
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

Round SerialEvaluator::close(const Closing& how) {
  const Stopwatch watch;
  Round round;
  round.evaluations.reserve(points_.size());
  for (Point& point : points_) round.evaluations.push_back(evaluate(point));
  points_.clear();
  announced_ = 0;
  if (how.enough) {
    for (Point& point : late_) round.late.push_back({point.key, evaluate(point)});
    late_.clear();
  }
  round.times.evaluate = watch.seconds();
  return round;
}

}  // namespace optex
