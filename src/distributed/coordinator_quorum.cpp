// Rounds that may be closed before all answers are there: answers are taken as they come.
#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <algorithm>
#include <thread>
#include <tuple>
#include <utility>

#include "coordinator_steps.hpp"
#include <fmt/format.h>

namespace optex {

/// A point of an earlier round is wanted: nothing to do when it is in work.
void Coordinator::post_late(const optex::Point& wanted) {
  const SampleKey& key = wanted.key;
  if (std::any_of(late_.begin(), late_.end(), [&](const Point& point) { return point.key == key; })) return;
  // Whoever has the fewest of them, rank 0 last: all have the same bits.
  const auto burden = [this](int rank) {
    const auto owed = std::count_if(late_.begin(), late_.end(), [rank](const Point& point) {
      return std::any_of(point.parts.begin(), point.parts.end(),
                         [rank](const Part& part) { return part.rank == rank && !part.done; });
    });
    return std::tuple(owed, rank == 0, -rank);
  };
  const int rank =
      *std::min_element(ranks_.begin(), ranks_.end(), [&](int a, int b) { return burden(a) < burden(b); });
  Point point{key, wanted.theta, {}, {}};
  const Task task{Command::evaluate, ++round_, 0, dimension_, shards_, {0, shards_}, key};
  point.parts.push_back({rank, task, {}, {}, false});
  late_.push_back(std::move(point));
  if (rank == 0) return;
  told_at_[static_cast<std::size_t>(rank)] = Clock::now();
  or_give_up([&] { tell([&] { post_task(outbox_, rank, task, late_.back().theta); }); });
}

Round Coordinator::collect_until(Index enough) {
  Round closed;
  or_give_up([&] {
    try {
      Stopwatch watch;
      Index own_shards = 0;
      for (std::size_t i = 0; i < points_.size(); ++i)
        for (const Portion& portion : plan_.of_point(static_cast<Index>(i))) {
          points_[i].parts.push_back({portion.rank, task_for(portion), {}, {}, false});
          if (portion.rank == 0) own_shards += portion.shards.size();
        }
      evaluate_own_share();
      adopt_own_share();
      if (own_shards > 0) pace_[0] = watch.seconds() / static_cast<double>(own_shards);
      compute_parts(late_);
      closed.times.evaluate = watch.lap();
      // Whoever is still to get a point holds it; who computes what a lost rank owes needs it.
      if (!options_.goes_on_without_lost)
        for (Point& point : points_) point.theta.reset();
      wait_until([&] { return may_close(enough); });
      closed.times.wait = watch.lap();
    } catch (const BreakOff&) {
      break_off_early();
    }
  });
  busy_seconds_[0] += closed.times.evaluate;

  for (Point& point : late_)
    if (is_complete(point)) closed.late.push_back({point.key, fold_parts(point)});
  std::erase_if(late_, is_complete);
  std::sort(closed.late.begin(), closed.late.end(), [](const LateAnswer& a, const LateAnswer& b) {
    return std::pair(a.key.iteration, a.key.point) < std::pair(b.key.iteration, b.key.point);
  });
  for (Point& point : points_) {
    Evaluation& evaluation = closed.evaluations.emplace_back();
    if (is_complete(point)) {
      evaluation = fold_parts(point);
    } else {
      evaluation.outstanding = true;
      point.theta.reset();  // who is still to get it holds it
      late_.push_back(std::move(point));
    }
  }
  end_round();
  return closed;
}

bool Coordinator::is_complete(const Point& point) {
  return std::all_of(point.parts.begin(), point.parts.end(), [](const Part& part) { return part.done; });
}

bool Coordinator::may_close(Index enough) const {
  Index there = 0;
  for (const Point& point : points_) {
    const bool complete = is_complete(point);
    if (!complete && point.key.point == 0) return false;
    if (complete) ++there;
  }
  return there >= std::min(enough, static_cast<Index>(points_.size()));
}

/// What this rank owes first; null when it owes nothing whose answers are taken as they come.
Coordinator::Part* Coordinator::next_part_of(int worker) {
  for (std::vector<Point>* const points : {&late_, &points_})
    for (Point& point : *points)
      for (Part& part : point.parts)
        if (part.rank == worker && !part.done) return &part;
  return nullptr;
}

/// The ranks that a round is dealt to: those that owe nothing, in the usual order, the slow ones last.
std::vector<int> Coordinator::free_ranks() {
  std::vector<int> free;
  std::vector<double> paces;
  for (const int rank : ranks_) {
    if (rank == 0 || next_part_of(rank) == nullptr) free.push_back(rank);
    const double pace = pace_[static_cast<std::size_t>(rank)];
    if (pace > 0.0) paces.push_back(pace);
  }
  if (paces.empty()) return free;
  const auto middle = paces.begin() + (std::ssize(paces) - 1) / 2;
  std::nth_element(paces.begin(), middle, paces.end());
  constexpr double slow = 2.0;  // times the median
  const auto delay = [this, usual = *middle](int rank) {
    const double pace = pace_[static_cast<std::size_t>(rank)];
    return pace > slow * usual ? pace : 0.0;
  };
  std::stable_sort(free.begin(), free.end(), [&](int a, int b) { return delay(a) < delay(b); });
  return free;
}

void Coordinator::wait_for_a_free_rank() {
  if (late_.empty()) return;
  wait_until([this] { return !free_ranks().empty(); });
}

/// Takes what has arrived; true when there was something.
bool Coordinator::take_arrived() {
  bool moved = false;
  for (int worker = 1; worker < communicator_.size(); ++worker) moved = take_arrived_of(worker) || moved;
  return moved;
}

bool Coordinator::take_arrived_of(int worker) {
  bool moved = false;
  while (!is_lost(worker)) {
    Part* const part = next_part_of(worker);
    if (part == nullptr) break;
    bool took = false;
    tell([&] {
      if (!answer_waits(communicator_, worker)) return;
      take_one(*part);
      took = true;
    });
    if (!took) break;
    moved = true;
    silent_[static_cast<std::size_t>(worker)] = 0.0;
  }
  return moved;
}

void Coordinator::take_one(Part& part) {
  const std::vector<ShardRange> nodes = covering_nodes(shards_, part.task.shards);
  const ShardRange node = nodes[part.sums.size()];
  std::optional<Answer> answer =
      take_word(communicator_, part.rank, part.task, node, pool_, [this] { look_up(); });
  if (!answer) return;
  const auto worker = static_cast<std::size_t>(part.rank);
  busy_seconds_[worker] += answer->busy_seconds;
  if (answer->verdict == Verdict::failed) {
    part.failure = std::move(answer->failure);
    part.done = true;
    return;
  }
  pace_[worker] = answer->busy_seconds / static_cast<double>(node.size());
  part.sums.push_back({node, answer->value, std::move(answer->gradient)});
  part.done = part.sums.size() == nodes.size();
}

/// Takes answers until `done` says so. Ends in an error, or without the rank, when one that owes something is
/// silent for too long.
template <class Done>
void Coordinator::wait_until(Done done) {
  constexpr std::chrono::microseconds shortest{1}, longest{1000};
  std::chrono::microseconds nap = shortest;
  takes_words_ = true;
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
  takes_words_ = false;
}

void Coordinator::count_silence(double seconds) {
  for (int worker = 1; worker < communicator_.size(); ++worker) {
    if (is_lost(worker)) continue;
    const Part* const part = next_part_of(worker);
    double& silent = silent_[static_cast<std::size_t>(worker)];
    silent = part == nullptr ? 0.0 : silent + seconds;
    if (silent <= communicator_.patience()) continue;
    tell([&] {
      communicator_.stalled(worker, fmt::format("its answer to point {} of round {}", part->task.key.point,
                                                part->task.key.iteration + 1));
    });
  }
}

/// Rank 0 computes what it took over of points that an earlier start had left.
void Coordinator::compute_parts(std::vector<Point>& points) {
  for (Point& point : points)
    for (Part& part : point.parts) {
      if (part.rank != 0 || part.done) continue;
      part.failure = evaluate_shards(
          objective_, point.key, *point.theta, part.task.shards, pool_,
          [&part](PartialSum sum) { part.sums.push_back(std::move(sum)); }, [this] { look_up(); });
      part.done = true;
    }
}

/// What rank 0 has computed of this round becomes one of its parts.
void Coordinator::adopt_own_share() {
  for (Point& point : points_)
    for (Part& part : point.parts) {
      if (part.rank != 0 || part.done || point.own_share_missing) continue;
      part.sums = std::move(point.own);
      part.failure = std::move(point.own_failure);
      part.done = true;
    }
}

/// Rank 0 computes what lost ranks owe of this round; of earlier ones nobody needs it badly enough.
void Coordinator::settle_lost() {
  if (lost_ranks_.empty()) return;
  for (Point& point : late_)
    for (Part& part : point.parts) {
      if (part.done || !is_lost(part.rank)) continue;
      part.failure = "the rank was lost";
      part.done = true;
    }
  for (Point& point : points_)
    for (Part& part : point.parts) {
      if (part.done || !is_lost(part.rank)) continue;
      const ShardRange left{part.sums.empty() ? part.task.shards.begin : part.sums.back().node.end,
                            part.task.shards.end};
      part.rank = 0;
      part.failure = evaluate_shards(
          objective_, point.key, *point.theta, left, pool_,
          [&part](PartialSum sum) { part.sums.push_back(std::move(sum)); }, [this] { look_up(); });
      part.done = true;
    }
}

/// Of a complete point.
Evaluation Coordinator::fold_parts(Point& point) {
  Fold fold(shards_, pool_);
  std::string failure;
  for (Part& part : point.parts) {
    if (failure.empty() && !part.failure.empty()) failure = origin(part.rank) + part.failure;
    for (PartialSum& sum : part.sums) {
      if (failure.empty())
        fold.add(std::move(sum));
      else
        pool_.give_back(std::move(sum.gradient));
    }
    part.sums.clear();
  }
  point.theta.reset();
  return evaluation_of(fold, std::move(failure));
}

/// Keeps what there is of this round, and leaves the rest. Late answers are computed again after a restart.
void Coordinator::break_off_early() {
  adopt_own_share();
  const auto end = Clock::now() + last_answers;
  for (int worker = 1; worker < communicator_.size() && Clock::now() < end; ++worker) {
    waits_until_ = std::min(end, Clock::now() + one_answer);
    try {
      take_arrived_of(worker);
    } catch (const BreakOff&) {
      // An answer that does not come to its end: the next rank's may.
    }
  }
  std::vector<FinishedPoint> finished;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (points_[i].parts.empty() || !is_complete(points_[i])) continue;
    Evaluation evaluation = fold_parts(points_[i]);
    if (!evaluation.failed()) finished.push_back({static_cast<Index>(i), 0, std::move(evaluation)});
  }
  throw RoundInterrupted(std::move(finished));
}

/// Before the ranks are let go: answers that nobody will use are taken all the same.
void Coordinator::drain_late() {
  wait_until([this] {
    for (int worker = 1; worker < communicator_.size(); ++worker)
      if (!is_lost(worker) && next_part_of(worker) != nullptr) return false;
    return true;
  });
}

}  // namespace optex
