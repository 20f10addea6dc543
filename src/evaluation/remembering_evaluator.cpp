#include "optex/evaluation/remembering_evaluator.hpp"

#include <algorithm>
#include <utility>

namespace optex {

void RememberingEvaluator::begin(const Opening& opening) {
  round_.clear();
  inner().begin(opening);
}

void RememberingEvaluator::submit(Point point) {
  if (!is_known(point)) inner().submit(std::move(point));
}

/// Books a submission; true when its answer is known.
bool RememberingEvaluator::is_known(const Point& asked) {
  Place place;
  place.mark = mark_of(asked.key, *asked.theta);
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

/// The inner evaluator's round; one that is broken off leaves what was finished behind.
Round RememberingEvaluator::close_or_remember(const Closing& how) {
  try {
    return inner().close(how);
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

Round RememberingEvaluator::close(const Closing& how) {
  const auto known = static_cast<Index>(std::count_if(
      round_.begin(), round_.end(), [](const Place& place) { return place.known.has_value(); }));
  Closing others = how;
  if (others.enough) others.enough = std::max<Index>(0, *others.enough - known);
  Round round = close_or_remember(others);
  std::vector<Evaluation> computed = std::move(round.evaluations);
  round.evaluations.clear();
  auto next = computed.begin();
  for (Place& place : round_)
    round.evaluations.push_back(place.known ? std::move(*place.known) : std::move(*next++));
  return round;
}

}  // namespace optex
