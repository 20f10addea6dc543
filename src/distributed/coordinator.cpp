#include "optex/distributed/coordinator.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/distributed/patience.hpp"
#include "optex/evaluation/interrupted_round.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "coordinator_steps.hpp"

namespace optex {
namespace {

/// How long submit() stays with a message that somebody idle is waiting for. Where MPI needs the sender's
/// help to move a long message, it would otherwise lie here while the chain goes on; a nap of the receiver
/// lasts 1 ms.
double departure_seconds(Index dimension) {
  constexpr double longest = 2e-3;
  constexpr double seconds_per_byte = 1e-9;
  return std::min(longest, seconds_per_byte * sizeof(double) * static_cast<double>(dimension));
}

}  // namespace

Coordinator::Coordinator(Communicator& communicator, const Objective& objective,
                         const CoordinatorOptions& options)
    : communicator_(communicator),
      objective_(objective),
      dimension_(objective.dimension()),
      shards_(objective.shard_count()),
      options_(options),
      ranks_(evaluating_ranks(communicator.size(), options.coordinator_evaluates)),
      peers_(static_cast<std::size_t>(communicator.size()), Peer{.told_at = Clock::now()}),
      outbox_(communicator) {
  if (communicator.rank() != 0) throw Error(ExitCode::internal, "only rank 0 coordinates");
}

Coordinator::~Coordinator() { shutdown(); }

std::vector<double> Coordinator::rank_busy_seconds() const {
  std::vector<double> seconds;
  for (const Peer& peer : peers_) seconds.push_back(peer.busy_seconds);
  return seconds;
}

void Coordinator::begin(const Opening& opening) {
  if (broken_) throw Error(ExitCode::internal, "a round was begun after one in which ranks were lost");
  for (const Point& wanted : opening.late) post_late(wanted);
  or_give_up([&] {
    abandon_round();
    keep_moving();
    if (!late_.empty()) take_until(Order::any, [this] { return !free_ranks().empty(); });
  });
  ++round_;
  const std::vector<int> ranks = free_ranks();
  plan_ = options_.by_shard ? WorkPlan::by_shard(opening.points, shards_, ranks)
                            : WorkPlan(opening.points, shards_, ranks);
}

void Coordinator::submit(Point point) {
  const auto index = static_cast<Index>(points_.size());
  check_submission(index, plan_.points(), point.theta->size(), dimension_);
  PointInWork& in_work = points_.emplace_back(point.key, std::move(point.theta), shards_, pool_);
  for (const Portion& portion : plan_.of_point(index))
    in_work.parts.push_back(part_for(portion, in_work.key));
  or_give_up([&] { send_out(in_work); });
}

Part Coordinator::part_for(const Portion& portion, const SampleKey& key) const {
  return {portion.rank, {Command::evaluate, round_, portion.point, dimension_, shards_, portion.shards, key}};
}

/// A point of an earlier round is wanted: nothing to do when it is in work.
void Coordinator::post_late(const Point& wanted) {
  const auto is_wanted = [&](const PointInWork& point) { return point.key == wanted.key; };
  if (std::any_of(late_.begin(), late_.end(), is_wanted)) return;
  // Whoever owes the fewest, rank 0 last: all have the same bits.
  const auto burden = [this](int rank) { return std::tuple(peer(rank).owes, rank == 0, -rank); };
  const int rank =
      *std::min_element(ranks_.begin(), ranks_.end(), [&](int a, int b) { return burden(a) < burden(b); });
  ++round_;
  PointInWork& point = late_.emplace_back(wanted.key, wanted.theta, shards_, pool_);
  point.parts.push_back(part_for({rank, 0, {0, shards_}}, wanted.key));
  or_give_up([&] { send_out(point); });
}

/// Posts a point to the ranks that have a part of it.
void Coordinator::send_out(const PointInWork& point) {
  bool somebody_idle = false;
  for (const Part& part : point.parts) {
    Peer& to = peer(part.rank);
    const bool idle = to.owes++ == 0;
    if (part.rank == 0 || is_lost(part.rank)) continue;
    somebody_idle = somebody_idle || idle;
    to.told_at = Clock::now();
    tell([&] { post_task(outbox_, part.rank, part.task, point.theta); });
  }
  keep_moving();
  if (!somebody_idle) return;
  Patience waiting(departure_seconds(dimension_));
  while (!outbox_.empty() && waiting.rest()) keep_moving();
}

void Coordinator::renew(ConstVectorRef state) {
  objective_.renew(state);
  const auto copy = std::make_shared<const Vector>(state);
  or_give_up([&] {
    for (int worker = 1; worker < communicator_.size(); ++worker)
      if (!is_lost(worker)) tell([&] { post_renewal(outbox_, worker, copy); });
    keep_moving();
  });
}

void Coordinator::call_to_join(int ranks) {
  or_give_up([&] {
    for (int worker = 1; worker < ranks; ++worker)
      tell([&] { post_command(outbox_, worker, Command::join); });
    keep_moving();
  });
}

void Coordinator::give_up() {
  broken_ = true;
  communicator_.distrust();
}

/// Helps messages on their way, and lets ranks that have not heard from this one for long know that it lives.
void Coordinator::keep_moving() {
  while (!tell([this] { outbox_.progress(); })) {
  }
  const auto now = Clock::now();
  for (int worker = 1; worker < communicator_.size(); ++worker) {
    Clock::time_point& told_at = peer(worker).told_at;
    if (std::chrono::duration<double>(now - told_at).count() < communicator_.sign_of_life_seconds()) continue;
    told_at = now;
    // A lost one too: should it come back to life, it must not end the run because it hears nothing.
    tell([this, worker] { post_command(outbox_, worker, Command::alive); });
  }
}

/// What to do between two looks at whatever this rank waits for or computes.
void Coordinator::look_up() {
  keep_moving();
  if (waits_until_ ? Clock::now() > *waits_until_ : options_.interrupted && options_.interrupted())
    throw BreakOff();
}

std::string Coordinator::origin(int rank) const {
  return communicator_.alone() ? "" : communicator_.label(rank) + ": ";
}

/// The ranks that a round is dealt to: those that owe nothing, in the usual order, the slow ones last.
std::vector<int> Coordinator::free_ranks() {
  std::vector<int> free;
  std::vector<double> paces;
  for (const int rank : ranks_) {
    if (rank == 0 || peer(rank).owes == 0) free.push_back(rank);
    if (peer(rank).pace > 0.0) paces.push_back(peer(rank).pace);
  }
  if (paces.empty()) return free;
  const auto middle = paces.begin() + (std::ssize(paces) - 1) / 2;
  std::nth_element(paces.begin(), middle, paces.end());
  constexpr double slow = 2.0;  // times the median
  const auto delay = [this, usual = *middle](int rank) {
    const double pace = peer(rank).pace;
    return pace > slow * usual ? pace : 0.0;
  };
  std::stable_sort(free.begin(), free.end(), [&](int a, int b) { return delay(a) < delay(b); });
  return free;
}

bool Coordinator::shutdown() noexcept {
  if (shut_down_) return !broken_ && lost_ranks_.empty();
  shut_down_ = true;
  const auto attempt = [this](auto step) {
    try {
      or_give_up(step);
    } catch (...) {
      // Remembered in broken_; there is nothing more to be done from a destructor.
    }
  };
  // Answers that nobody will use are taken all the same, before the ranks are let go.
  if (!broken_)
    attempt([this] {
      abandon_round();
      take_until(Order::any, [this] {
        for (int worker = 1; worker < communicator_.size(); ++worker)
          if (!is_lost(worker) && peer(worker).owes > 0) return false;
        return true;
      });
    });
  for (const int lost : lost_ranks_) {
    outbox_.forget(lost);
    communicator_.wake(lost);
  }
  for (int worker = 1; worker < communicator_.size(); ++worker)
    if (!is_lost(worker)) attempt([&] { tell([&] { post_command(outbox_, worker, Command::stop); }); });
  if (!broken_)
    attempt([this] {
      while (!tell([this] { outbox_.finish("it to take the order to stop"); })) {
      }
    });
  // Where somebody is lost already, nobody waits for anybody any more.
  if (!broken_ && lost_ranks_.empty()) attempt([this] { take_farewells(); });
  return !broken_ && lost_ranks_.empty();
}

}  // namespace optex
