#include "optex/distributed/coordinator.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/distributed/patience.hpp"
#include "optex/evaluation/interrupted_round.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <algorithm>
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
      outbox_(communicator),
      has_work_(static_cast<std::size_t>(communicator.size()), false),
      owes_(static_cast<std::size_t>(communicator.size()), 0),
      told_at_(static_cast<std::size_t>(communicator.size()), Clock::now()),
      silent_(static_cast<std::size_t>(communicator.size()), 0.0),
      pace_(static_cast<std::size_t>(communicator.size()), 0.0),
      busy_seconds_(static_cast<std::size_t>(communicator.size()), 0.0) {
  if (communicator.rank() != 0) throw Error(ExitCode::internal, "only rank 0 coordinates");
}

Coordinator::~Coordinator() { shutdown(); }

void Coordinator::begin(const Opening& opening) {
  if (broken_) throw Error(ExitCode::internal, "a round was begun after one in which ranks were lost");
  for (const optex::Point& wanted : opening.late) post_late(wanted);
  const Index points = opening.points;
  or_give_up([&] {
    abandon_round();
    keep_moving();
    wait_for_a_free_rank();
  });
  ++round_;
  const std::vector<int> ranks = free_ranks();
  plan_ = options_.by_shard ? WorkPlan::by_shard(points, shards_, ranks) : WorkPlan(points, shards_, ranks);
}

void Coordinator::submit(optex::Point point) {
  const auto index = static_cast<Index>(points_.size());
  check_submission(index, plan_.points(), point.theta->size(), dimension_);
  points_.push_back({point.key, std::move(point.theta), {}, {}});
  or_give_up([&] { send_out(index); });
}

/// Posts the newest point to the ranks that need it.
void Coordinator::send_out(Index index) {
  bool somebody_idle = false;
  for (const Portion& portion : plan_.of_point(index)) {
    if (portion.rank == 0 || is_lost(portion.rank)) continue;
    const auto worker = static_cast<std::size_t>(portion.rank);
    somebody_idle = somebody_idle || !has_work_[worker];
    has_work_[worker] = true;
    ++owes_[worker];
    told_at_[worker] = Clock::now();
    tell([&] { post_task(outbox_, portion.rank, task_for(portion), points_.back().theta); });
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

Task Coordinator::task_for(const Portion& portion) const {
  const Point& point = points_[static_cast<std::size_t>(portion.point)];
  return {Command::evaluate, round_, portion.point, dimension_, shards_, portion.shards, point.key};
}

/// Helps messages on their way, and lets ranks that have not heard from this one for long know that it lives.
void Coordinator::keep_moving() {
  while (!tell([this] { outbox_.progress(); })) {
  }
  const auto now = Clock::now();
  for (int worker = 1; worker < communicator_.size(); ++worker) {
    auto& told_at = told_at_[static_cast<std::size_t>(worker)];
    if (std::chrono::duration<double>(now - told_at).count() < communicator_.sign_of_life_seconds()) continue;
    told_at = now;
    // A lost one too: should it come back to life, it must not end the run because it hears nothing.
    tell([this, worker] { post_command(outbox_, worker, Command::alive); });
  }
}

Round Coordinator::close(const Closing& how) {
  return how.enough ? collect_until(*how.enough) : collect_in_order();
}

Round Coordinator::collect_in_order() {
  Round round;
  std::vector<Evaluation>& evaluations = round.evaluations;
  or_give_up([&] {
    try {
      Stopwatch watch;
      evaluate_own_share();
      round.times.evaluate = watch.lap();
      for (Point& point : points_) evaluations.push_back(collect_point(point));
      round.times.wait = watch.lap();
    } catch (const BreakOff&) {
      break_off(evaluations);
    }
  });
  busy_seconds_[0] += round.times.evaluate;
  end_round();
  return round;
}

/// What to do between two looks at whatever this rank waits for or computes.
void Coordinator::look_up() {
  keep_moving();
  if (waits_until_ ? Clock::now() > *waits_until_ : options_.interrupted && options_.interrupted())
    throw BreakOff();
}

void Coordinator::evaluate_own_share() {
  const std::vector<Portion> portions = plan_.of_rank(0);
  for (const Portion& portion : portions)
    if (portion.point < static_cast<Index>(points_.size()))
      points_[static_cast<std::size_t>(portion.point)].own_share_missing = true;
  for (const Portion& portion : portions) {
    if (portion.point >= static_cast<Index>(points_.size())) break;  // announced, never submitted
    Point& point = points_[static_cast<std::size_t>(portion.point)];
    point.own_failure = evaluate_shards(
        objective_, point.key, *point.theta, portion.shards, pool_,
        [&point](PartialSum sum) { point.own.push_back(std::move(sum)); }, [this] { look_up(); });
    point.own_share_missing = false;
    if (!options_.goes_on_without_lost) point.theta.reset();
  }
}

Evaluation Coordinator::collect_point(Point& point) {
  const Index index = &point - points_.data();
  // Whoever is still to get it holds it; and who computes what a lost rank owes needs it.
  if (!options_.goes_on_without_lost) point.theta.reset();
  Fold fold(shards_, pool_);
  std::string failure;  // of the first shard that failed
  for (const Portion& portion : plan_.of_point(index)) {
    ++point.portions_begun;
    if (portion.rank == 0)
      add_own(point, fold, failure);
    else
      add_answers(point, portion, fold, failure);
  }
  point.theta.reset();
  return evaluation_of(fold, std::move(failure));
}

Evaluation Coordinator::evaluation_of(Fold& fold, std::string failure) {
  Evaluation evaluation;
  evaluation.failure = std::move(failure);
  if (evaluation.failed()) return evaluation;
  PartialSum total = fold.take();
  evaluation.value = total.value;
  evaluation.gradient = std::move(total.gradient);
  return evaluation;
}

void Coordinator::add_own(Point& point, Fold& fold, std::string& failure) {
  if (failure.empty() && !point.own_failure.empty()) failure = origin(0) + point.own_failure;
  for (PartialSum& sum : point.own) {
    if (failure.empty())
      fold.add(std::move(sum));
    else
      pool_.give_back(std::move(sum.gradient));
  }
  point.own.clear();
}

void Coordinator::add_answers(const Point& point, const Portion& portion, Fold& fold, std::string& failure) {
  const Task task = task_for(portion);
  const auto worker = static_cast<std::size_t>(portion.rank);
  for (const ShardRange& node : covering_nodes(shards_, portion.shards)) {
    Answer answer;
    if (!is_lost(portion.rank))
      tell([&] {
        std::optional<Answer> word;
        while (!word) word = take_word(communicator_, portion.rank, task, node, pool_, [this] { look_up(); });
        answer = *std::move(word);
      });
    if (is_lost(portion.rank)) return take_over(point, {node.begin, portion.shards.end}, fold, failure);
    busy_seconds_[worker] += answer.busy_seconds;
    if (answer.verdict == Verdict::failed) {
      if (failure.empty()) failure = origin(portion.rank) + answer.failure;
      break;  // the worker has left the rest of this portion
    }
    if (failure.empty())
      fold.add({node, answer.value, std::move(answer.gradient)});
    else
      pool_.give_back(std::move(answer.gradient));
  }
  --owes_[worker];
}

std::string Coordinator::origin(int rank) const {
  return communicator_.alone() ? "" : communicator_.label(rank) + ": ";
}

void Coordinator::end_round() {
  points_.clear();
  plan_ = {};
  has_work_.assign(has_work_.size(), false);
  owes_.assign(owes_.size(), 0);
}

/// Takes the answers of a round that was begun and never collected, so that they are not taken for the next
/// one's.
void Coordinator::abandon_round() {
  for (Point& point : points_) {
    point.theta.reset();
    Fold fold(shards_, pool_);
    std::string failure = "abandoned";
    for (const Portion& portion : plan_.of_point(&point - points_.data()))
      if (portion.rank != 0) add_answers(point, portion, fold, failure);
  }
  end_round();
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
  if (!broken_)
    attempt([this] {
      abandon_round();
      drain_late();
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
  return !broken_ && lost_ranks_.empty();
}

}  // namespace optex
