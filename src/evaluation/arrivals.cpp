#include "optex/evaluation/arrivals.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <string>

namespace optex {
namespace {

PointName name_of(const SampleKey& key) { return {key.iteration, key.point}; }

template <class Value>
bool holds(const std::vector<Value>& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

[[noreturn]] void other_run(std::int64_t iteration, const std::string& what) {
  throw UsageError("the log of arrivals does not fit this run: round " + std::to_string(iteration + 1) + " " +
                   what);
}

}  // namespace

void ArrivalRecorder::begin(const Opening& opening) {
  round_.clear();
  inner().begin(opening);
}

void ArrivalRecorder::submit(Point point) {
  round_.push_back(point.key);
  inner().submit(std::move(point));
}

Round ArrivalRecorder::close(const Closing& how) {
  Round closed = inner().close(how);
  if (!how.enough || round_.empty()) return closed;
  Arrivals arrivals;
  arrivals.iteration = round_.front().iteration;
  arrivals.submitted = static_cast<Index>(round_.size());
  for (const LateAnswer& answer : closed.late) {
    arrivals.late.push_back(name_of(answer.key));
    if (answer.evaluation.failed()) arrivals.failed.push_back(name_of(answer.key));
  }
  for (std::size_t i = 0; i < round_.size(); ++i) {
    if (closed.evaluations[i].outstanding) continue;
    arrivals.arrived.push_back(round_[i].point);
    if (closed.evaluations[i].failed()) arrivals.failed.push_back(name_of(round_[i]));
  }
  record_(arrivals);
  return closed;
}

void ArrivalReplay::begin(const Opening& opening) {
  round_.clear();
  for (const Point& point : opening.late) {
    const bool known =
        std::any_of(late_.begin(), late_.end(), [&](const Point& one) { return one.key == point.key; });
    if (!known) late_.push_back(point);
  }
}

Round ArrivalReplay::close(const Closing& how) {
  if (how.enough && !round_.empty()) return close_as_logged();
  inner().begin({std::ssize(round_)});
  for (Point& point : round_) inner().submit(std::move(point));
  round_.clear();
  return inner().close();
}

const Arrivals& ArrivalReplay::arrivals_of(const SampleKey& key) const {
  const auto found = log_.find(key.iteration);
  if (found == log_.end()) other_run(key.iteration, "is not in it");
  if (found->second.submitted != static_cast<Index>(round_.size()))
    other_run(key.iteration, "had " + std::to_string(found->second.submitted) + " points, here it has " +
                                 std::to_string(round_.size()));
  return found->second;
}

Round ArrivalReplay::close_as_logged() {
  const Arrivals& arrivals = arrivals_of(round_.front().key);
  std::vector<Point> late;
  for (const PointName& name : arrivals.late) {
    const auto found =
        std::find_if(late_.begin(), late_.end(), [&](const Point& one) { return name_of(one.key) == name; });
    if (found == late_.end())
      other_run(arrivals.iteration, "took in a late point of round " + std::to_string(name.iteration + 1) +
                                        " for which this run does not wait");
    late.push_back(std::move(*found));
    late_.erase(found);
  }

  const auto is_asked_for = [&](const Point& one) { return !holds(arrivals.failed, name_of(one.key)); };
  const auto has_arrived = [&](const Point& one) { return holds(arrivals.arrived, one.key.point); };
  inner().begin({std::ssize(round_) + std::ssize(late)});
  for (const Point& one : round_)
    if (has_arrived(one) && is_asked_for(one)) inner().submit(one);
  for (const Point& one : late)
    if (is_asked_for(one)) inner().submit(one);
  Round answers = inner().close();

  auto next = answers.evaluations.begin();
  const auto answer_to = [&](const Point& one) {
    if (is_asked_for(one)) return std::move(*next++);
    Evaluation failed;
    failed.failure = "it failed in the run that is replayed";
    return failed;
  };
  Round closed;
  closed.times = answers.times;
  for (const Point& one : round_) {
    if (has_arrived(one)) {
      closed.evaluations.push_back(answer_to(one));
    } else {
      closed.evaluations.emplace_back().outstanding = true;
    }
  }
  for (const Point& one : late) closed.late.push_back({one.key, answer_to(one)});
  round_.clear();
  return closed;
}

}  // namespace optex
