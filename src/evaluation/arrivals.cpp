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

void ArrivalRecorder::begin(Index points) {
  round_.clear();
  inner().begin(points);
}

void ArrivalRecorder::submit(const SampleKey& key, ConstVectorRef theta) {
  round_.push_back(key);
  inner().submit(key, theta);
}

void ArrivalRecorder::submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) {
  round_.push_back(key);
  inner().submit_shared(key, std::move(theta));
}

ClosedRound ArrivalRecorder::collect_quorum(Index enough) {
  ClosedRound closed = inner().collect_quorum(enough);
  if (round_.empty()) return closed;
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

void ArrivalReplay::begin(Index points) {
  announced_ = points;
  round_.clear();
}

void ArrivalReplay::submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) {
  round_.push_back({key, std::move(theta)});
}

void ArrivalReplay::submit_late(const SampleKey& key, ConstVectorRef theta) {
  const bool known =
      std::any_of(late_.begin(), late_.end(), [&](const Submission& one) { return one.key == key; });
  if (!known) late_.push_back({key, std::make_shared<const Vector>(theta)});
}

std::vector<Evaluation> ArrivalReplay::collect() {
  inner().begin(announced_);
  for (Submission& point : round_) inner().submit_shared(point.key, std::move(point.theta));
  round_.clear();
  return inner().collect();
}

const Arrivals& ArrivalReplay::arrivals_of(const SampleKey& key) const {
  const auto found = log_.find(key.iteration);
  if (found == log_.end()) other_run(key.iteration, "is not in it");
  if (found->second.submitted != static_cast<Index>(round_.size()))
    other_run(key.iteration, "had " + std::to_string(found->second.submitted) + " points, here it has " +
                                 std::to_string(round_.size()));
  return found->second;
}

ClosedRound ArrivalReplay::collect_quorum(Index) {
  if (round_.empty()) return {collect(), {}};
  const Arrivals& arrivals = arrivals_of(round_.front().key);
  std::vector<Submission> late;
  for (const PointName& name : arrivals.late) {
    const auto found = std::find_if(late_.begin(), late_.end(),
                                    [&](const Submission& one) { return name_of(one.key) == name; });
    if (found == late_.end())
      other_run(arrivals.iteration, "took in a late point of round " + std::to_string(name.iteration + 1) +
                                        " for which this run does not wait");
    late.push_back(std::move(*found));
    late_.erase(found);
  }

  const auto is_asked_for = [&](const Submission& one) { return !holds(arrivals.failed, name_of(one.key)); };
  const auto has_arrived = [&](const Submission& one) { return holds(arrivals.arrived, one.key.point); };
  inner().begin(static_cast<Index>(round_.size() + late.size()));
  for (const Submission& one : round_)
    if (has_arrived(one) && is_asked_for(one)) inner().submit_shared(one.key, one.theta);
  for (const Submission& one : late)
    if (is_asked_for(one)) inner().submit_shared(one.key, one.theta);
  std::vector<Evaluation> answers = inner().collect();

  auto next = answers.begin();
  const auto answer_to = [&](const Submission& one) {
    if (is_asked_for(one)) return std::move(*next++);
    Evaluation failed;
    failed.failure = "it failed in the run that is replayed";
    return failed;
  };
  ClosedRound closed;
  for (const Submission& one : round_) {
    if (has_arrived(one)) {
      closed.evaluations.push_back(answer_to(one));
    } else {
      closed.evaluations.emplace_back().outstanding = true;
    }
  }
  for (const Submission& one : late) closed.late.push_back({one.key, answer_to(one)});
  round_.clear();
  return closed;
}

}  // namespace optex
