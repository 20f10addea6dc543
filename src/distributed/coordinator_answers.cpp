// Answers on their way back: the one place where they are taken, in either order.
#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "coordinator_steps.hpp"
#include <fmt/format.h>

namespace optex {

Round Coordinator::close(const Closing& how) {
  Round closed;
  or_give_up([&] {
    try {
      Stopwatch watch;
      compute_own_parts(points_);
      compute_own_parts(late_);
      closed.times.evaluate = watch.lap();
      // Whoever is still to get a point holds it; who computes what a lost rank owes needs it.
      if (!options_.goes_on_without_lost)
        for (PointInWork& point : points_) point.theta.reset();
      take_until(how.enough ? Order::any : Order::folding, [&] { return may_close(how); });
      closed.times.wait = watch.lap();
    } catch (const BreakOff&) {
      break_off();
    }
  });
  peer(0).busy_seconds += closed.times.evaluate;
  closed.late = late_answers();
  for (PointInWork& point : points_) {
    Evaluation& evaluation = closed.evaluations.emplace_back();
    if (point.complete()) {
      evaluation = point.take();
      continue;
    }
    evaluation.outstanding = true;
    point.theta.reset();  // who is still to get it holds it
    late_.push_back(std::move(point));
  }
  points_.clear();
  plan_ = {};
  return closed;
}

bool Coordinator::may_close(const Closing& how) const {
  const auto points = static_cast<Index>(points_.size());
  Index there = 0;
  for (const PointInWork& point : points_) {
    if (point.complete())
      ++there;
    else if (std::find(how.needed.begin(), how.needed.end(), point.key.point) != how.needed.end())
      return false;
  }
  return there >= std::min(how.enough.value_or(points), points);
}

/// Of points that an earlier round was closed without.
std::vector<LateAnswer> Coordinator::late_answers() {
  std::vector<LateAnswer> answers;
  for (PointInWork& point : late_)
    if (point.complete()) answers.push_back({point.key, point.take()});
  std::erase_if(late_, [](const PointInWork& point) { return point.complete(); });
  std::sort(answers.begin(), answers.end(), [](const LateAnswer& a, const LateAnswer& b) {
    return std::pair(a.key.iteration, a.key.point) < std::pair(b.key.iteration, b.key.point);
  });
  return answers;
}

/// This rank computes what is not answered of a part.
void Coordinator::compute(PointInWork& point, Part& part) {
  const std::string failure = evaluate_shards(
      objective_, point.key, *point.theta, {part.answered, part.task.shards.end}, pool_,
      [&part](PartialSum sum) { part.sums.push_back(std::move(sum)); }, [this] { look_up(); });
  if (!failure.empty()) part.failure = origin(0) + failure;
  finish(part);
  point.fold();
}

void Coordinator::compute_own_parts(std::vector<PointInWork>& points) {
  Stopwatch watch;
  Index shards = 0;
  for (PointInWork& point : points)
    for (Part& part : point.parts) {
      if (part.rank != 0 || part.done) continue;
      compute(point, part);
      shards += part.task.shards.size();
    }
  if (shards > 0) peer(0).pace = watch.seconds() / static_cast<double>(shards);
}

void Coordinator::finish(Part& part) {
  part.done = true;
  --peer(part.rank).owes;
}

/// Takes answers until `done` says so. Ends in an error, or without the rank, when one that owes something is
/// silent for too long.
void Coordinator::take_until(Order order, const std::function<bool()>& done) {
  constexpr std::chrono::microseconds shortest{1}, longest{1000};
  std::chrono::microseconds nap = shortest;
  order_ = order;
  Stopwatch watch;
  for (;;) {
    if (take_arrived()) nap = shortest;
    settle_lost();
    if (done()) break;
    look_up();
    std::this_thread::sleep_for(nap);
    nap = std::min(2 * nap, longest);
    count_silence(std::min(watch.lap(), 1.0));  // time in which this process was stopped does not count
  }
  order_ = Order::folding;
}

/// What is folded next of this round; null when everything is there.
Part* Coordinator::front() {
  for (PointInWork& point : points_)
    if (Part* const part = point.front()) return part;
  return nullptr;
}

/// What this rank owes first; null when it owes nothing.
Coordinator::Owed Coordinator::next_of(int worker) {
  if (peer(worker).owes > 0)
    for (std::vector<PointInWork>* const points : {&late_, &points_})
      for (PointInWork& point : *points)
        for (Part& part : point.parts)
          if (part.rank == worker && !part.done) return {&point, &part};
  return {};
}

bool Coordinator::may_be_taken(const Part& part) {
  return order_ == Order::any || part.task.round != round_ || &part == front();
}

/// Takes what has arrived and may be taken; true when there was something.
bool Coordinator::take_arrived() {
  bool moved = false;
  if (order_ == Order::any)
    for (int worker = 1; worker < communicator_.size(); ++worker) moved = take_arrived_of(worker) || moved;
  else
    while (const Part* const part = front()) {
      if (!take_arrived_of(part->rank)) break;
      moved = true;
    }
  return moved;
}

bool Coordinator::take_arrived_of(int worker) {
  bool moved = false;
  while (worker > 0 && !is_lost(worker)) {
    const Owed owed = next_of(worker);
    if (owed.part == nullptr || !may_be_taken(*owed.part)) break;
    bool took = false;
    tell([&] {
      if (!answer_waits(communicator_, worker)) return;
      take_one(owed);
      took = true;
    });
    if (!took) break;
    moved = true;
    peer(worker).silent = 0.0;
  }
  return moved;
}

void Coordinator::take_one(const Owed& owed) {
  Part& part = *owed.part;
  const ShardRange node = covering_nodes(shards_, {part.answered, part.task.shards.end}).front();
  receiving_from_ = part.rank;
  std::optional<Answer> answer =
      take_word(communicator_, part.rank, part.task, node, pool_, [this] { look_up(); });
  receiving_from_ = -1;
  if (!answer) return;
  Peer& from = peer(part.rank);
  from.busy_seconds += answer->busy_seconds;
  if (answer->verdict == Verdict::failed) {
    part.failure = origin(part.rank) + answer->failure;
    finish(part);
  } else {
    if (order_ == Order::any) from.pace = answer->busy_seconds / static_cast<double>(node.size());
    part.answered = node.end;
    part.sums.push_back({node, answer->value, std::move(answer->gradient)});
    if (part.answered == part.task.shards.end) finish(part);
  }
  owed.point->fold();
}

/// Of the ranks whose answers may be taken.
void Coordinator::count_silence(double seconds) {
  const Part* const first = order_ == Order::folding ? front() : nullptr;
  for (int worker = 1; worker < communicator_.size(); ++worker) {
    if (is_lost(worker) || (first != nullptr && first->rank != worker)) continue;
    const Owed owed = next_of(worker);
    double& silent = peer(worker).silent;
    silent = owed.part == nullptr ? 0.0 : silent + seconds;
    if (silent <= communicator_.patience()) continue;
    const SampleKey& key = owed.part->task.key;
    tell([&] {
      communicator_.stalled(worker,
                            fmt::format("its answer to point {} of round {}", key.point, key.iteration + 1));
    });
  }
}

/// Keeps what there is of this round, and leaves the rest. Late answers are computed again after a restart.
void Coordinator::break_off() {
  order_ = Order::any;
  const auto end = Clock::now() + last_answers;
  for (int worker = 1; worker < communicator_.size() && Clock::now() < end; ++worker) {
    if (worker == receiving_from_) continue;  // what follows is no beginning of a message
    waits_until_ = std::min(end, Clock::now() + one_answer);
    try {
      take_arrived_of(worker);
    } catch (const BreakOff&) {
      // An answer that does not come to its end: the next rank's may.
    }
  }
  std::vector<FinishedPoint> finished;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (!points_[i].complete()) continue;
    Evaluation evaluation = points_[i].take();
    if (!evaluation.failed()) finished.push_back({static_cast<Index>(i), 0, std::move(evaluation)});
  }
  throw RoundInterrupted(std::move(finished));
}

/// Takes the answers of a round that was begun and never closed, so that they are not taken for the next
/// one's.
void Coordinator::abandon_round() {
  if (points_.empty()) return;
  for (PointInWork& point : points_) {
    for (Part& part : point.parts)
      if (part.rank == 0 && !part.done) finish(part);
    point.abandon();
  }
  take_until(Order::any, [this] {
    return std::all_of(points_.begin(), points_.end(),
                       [](const PointInWork& point) { return point.complete(); });
  });
  points_.clear();
  plan_ = {};
}

}  // namespace optex
