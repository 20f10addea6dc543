// Ranks that are lost, and rounds that are broken off.
#include "optex/distributed/coordinator.hpp"
#include "optex/evaluation/interrupted_round.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <algorithm>
#include <utility>

#include "coordinator_steps.hpp"

namespace optex {

/// Rank 0 computes what a lost rank owes of a point: nobody else is free to before the next round.
void Coordinator::take_over(const Point& point, ShardRange shards, Fold& fold, std::string& failure) {
  if (!failure.empty()) return;
  const std::string own_failure = evaluate_shards(
      objective_, point.key, *point.theta, shards, pool_,
      [&fold](PartialSum sum) { fold.add(std::move(sum)); }, [this] { look_up(); });
  if (!own_failure.empty()) failure = origin(0) + own_failure;
}

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
    const auto place = static_cast<std::size_t>(worker);
    const bool is_silent = takes_words_ ? next_part_of(worker) != nullptr && silent_[place] > least
                                        : owes_[place] > 0 && !answer_waits(communicator_, worker);
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

/// Takes the answers that are there already, and leaves the rest. `complete`: the first points of the round.
void Coordinator::break_off(std::vector<Evaluation>& complete) {
  std::vector<FinishedPoint> finished;
  const auto keep = [&finished](std::size_t index, Evaluation evaluation) {
    if (!evaluation.failed()) finished.push_back({static_cast<Index>(index), 0, std::move(evaluation)});
  };
  for (std::size_t i = 0; i < complete.size(); ++i) keep(i, std::move(complete[i]));
  const auto end = Clock::now() + last_answers;
  std::vector<bool> stuck(owes_.size(), false);  // by rank: its next answer is not there
  for (std::size_t index = complete.size(); index < points_.size(); ++index) {
    Point& point = points_[index];
    Fold fold(shards_, pool_);
    const bool begun = point.portions_begun > 0;  // what was summed of it is gone
    std::string failure = begun || point.own_share_missing ? "unfinished" : "";
    std::size_t number = 0;
    for (const Portion& portion : plan_.of_point(static_cast<Index>(index))) {
      ++number;
      if (number < point.portions_begun) continue;  // taken
      if (portion.rank == 0) {
        add_own(point, fold, failure);
        continue;
      }
      const auto worker = static_cast<std::size_t>(portion.rank);
      const bool in_the_middle = begun && number == point.portions_begun;
      if (in_the_middle || is_lost(portion.rank) || Clock::now() > end ||
          !answer_waits(communicator_, portion.rank))
        stuck[worker] = true;
      if (!stuck[worker]) {
        waits_until_ = std::min(end, Clock::now() + one_answer);
        try {
          add_answers(point, portion, fold, failure);
        } catch (const BreakOff&) {
          stuck[worker] = true;
        }
      }
      if (stuck[worker]) failure = "unfinished";
    }
    keep(index, evaluation_of(fold, std::move(failure)));
  }
  throw RoundInterrupted(std::move(finished));
}

}  // namespace optex
