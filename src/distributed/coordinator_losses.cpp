// Ranks that are lost.
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/patience.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "coordinator_steps.hpp"

namespace optex {

bool Coordinator::is_lost(int rank) const {
  return std::find(lost_ranks_.begin(), lost_ranks_.end(), rank) != lost_ranks_.end();
}

/// The other ranks that were silent while this one was waited for: what they had said would be here. Where
/// words are taken as they come every rank has a clock of its own: to be left behind it must have run out; to
/// be named, a quarter less will do, because two that stop together may have spoken so long after each other.
std::vector<int> Coordinator::as_silent_as(const SilentRankError& error) {
  std::vector<int> silent;
  if (error.seconds <= 0.0) return silent;
  const double least = (options_.goes_on_without_lost ? 1.0 : 0.75) * error.seconds;
  for (int worker = 1; worker < communicator_.size(); ++worker) {
    if (worker == error.rank || is_lost(worker)) continue;
    if (peer(worker).owes == 0) continue;
    const bool is_silent =
        order_ == Order::any ? peer(worker).silent > least : !answer_waits(communicator_, worker);
    if (is_silent) silent.push_back(worker);
  }
  return silent;
}

/// Leaves a silent rank behind, and all that are as silent as it is; or throws with all their names.
void Coordinator::lose(const SilentRankError& error) {
  const std::vector<int> others = as_silent_as(error);
  if (!options_.goes_on_without_lost) {
    std::string message = error.what();
    communicator_.wake(error.rank);
    for (const int rank : others) {
      message += "; " + communicator_.label(rank) + " is as silent";
      communicator_.wake(rank);
    }
    throw SilentRankError(error.rank, error.seconds, message);
  }
  leave_behind(error.rank, error.what());
  for (const int rank : others)
    leave_behind(rank,
                 communicator_.label(rank) + " has been as silent as " + communicator_.label(error.rank));
}

void Coordinator::leave_behind(int rank, const std::string& text) {
  lost_ranks_.push_back(rank);
  std::erase(ranks_, rank);
  if (ranks_.empty()) ranks_ = {0};
  outbox_.forget(rank);
  communicator_.distrust();
  if (options_.on_lost) options_.on_lost(rank, text);
}

/// A rank that owed nothing may have gone without anybody's noticing.
void Coordinator::take_farewells() {
  constexpr double longest = 60.0;
  std::vector<int> awaited;
  for (int worker = 1; worker < communicator_.size(); ++worker) awaited.push_back(worker);
  Patience waiting(std::min(longest, communicator_.patience()));
  const auto gone = [this](int worker, const char* how) {
    leave_behind(worker, communicator_.label(worker) + how);
    communicator_.wake(worker);
    return true;
  };
  for (bool silent = false; !awaited.empty(); silent = !waiting.rest())
    std::erase_if(awaited, [&](int worker) {
      if (took_farewell(communicator_, worker)) return true;
      if (communicator_.has_died(worker)) return gone(worker, " has died");
      return silent && gone(worker, " was silent at the end of the run");
    });
}

/// Rank 0 computes what lost ranks owe of this round; of earlier ones nobody needs it badly enough.
void Coordinator::settle_lost() {
  if (lost_ranks_.empty()) return;
  for (PointInWork& point : late_)
    for (Part& part : point.parts) {
      if (part.done || !is_lost(part.rank)) continue;
      part.failure = origin(part.rank) + "the rank was lost";
      finish(part);
      point.fold();
    }
  for (PointInWork& point : points_)
    for (Part& part : point.parts) {
      if (part.done || !is_lost(part.rank)) continue;
      --peer(part.rank).owes;
      ++peer(0).owes;
      part.rank = 0;
      if (point.failed())
        finish(part);
      else
        compute(point, part);
      point.fold();
    }
}

}  // namespace optex
