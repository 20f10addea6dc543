#include "optex/evaluation/remembering_evaluator.hpp"

#include <algorithm>
#include <utility>

namespace optex {

void RememberingEvaluator::begin(Index points) {
  round_.clear();
  inner().begin(points);
}

void RememberingEvaluator::submit(const SampleKey& key, ConstVectorRef theta) {
  if (!is_known(key, theta)) inner().submit(key, theta);
}

void RememberingEvaluator::submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) {
  if (!is_known(key, *theta)) inner().submit_shared(key, std::move(theta));
}

/// Books a submission; true when its answer is known.
bool RememberingEvaluator::is_known(const SampleKey& key, ConstVectorRef theta) {
  Place place;
  place.mark = mark_of(key, theta);
  const auto submission = static_cast<Index>(round_.size());
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const FinishedPoint& point) {
    return point.submission == submission && point.mark == place.mark;
  });
  if (found != known_.end()) {
    place.known = std::move(found->evaluation);
    known_.erase(found);
  }
  round_.push_back(std::move(place));
  return round_.back().known.has_value();
}

/// Collects from the inner evaluator; a round that is broken off leaves what was finished behind.
template <class Collect>
auto RememberingEvaluator::or_remember(Collect collect) {
  try {
    return collect();
  } catch (const RoundInterrupted& broken) {
    std::vector<FinishedPoint> finished;
    Index asked = 0;  // position in the inner evaluator's round
    for (std::size_t i = 0; i < round_.size(); ++i) {
      FinishedPoint point{static_cast<Index>(i), round_[i].mark, {}};
      if (round_[i].known) {
        point.evaluation = std::move(*round_[i].known);
      } else {
        const auto answer = std::find_if(broken.finished.begin(), broken.finished.end(),
                                         [&](const FinishedPoint& one) { return one.submission == asked; });
        ++asked;
        if (answer == broken.finished.end()) continue;
        point.evaluation = answer->evaluation;
      }
      finished.push_back(std::move(point));
    }
    left_over_ = finished;
    throw RoundInterrupted(std::move(finished));
  }
}

std::vector<Evaluation> RememberingEvaluator::with_known(std::vector<Evaluation> computed) {
  std::vector<Evaluation> all;
  auto next = computed.begin();
  for (Place& place : round_) all.push_back(place.known ? std::move(*place.known) : std::move(*next++));
  return all;
}

std::vector<Evaluation> RememberingEvaluator::collect() {
  return with_known(or_remember([this] { return inner().collect(); }));
}

ClosedRound RememberingEvaluator::collect_quorum(Index enough) {
  const auto known = static_cast<Index>(std::count_if(
      round_.begin(), round_.end(), [](const Place& place) { return place.known.has_value(); }));
  ClosedRound closed =
      or_remember([&] { return inner().collect_quorum(std::max<Index>(0, enough - known)); });
  closed.evaluations = with_known(std::move(closed.evaluations));
  return closed;
}

}  // namespace optex
