#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/distributed/communicator.hpp"
#include "optex/distributed/protocol.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/evaluation/work_plan.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optex {

struct CoordinatorOptions {
  bool coordinator_evaluates = true;  ///< rank 0 computes too; a rank that is alone always does
  bool by_shard = false;  ///< a rank computes the same shards of every point: see WorkPlan::by_shard()
  /// A silent rank is left behind instead of ending the run. Rank 0 then holds one theta a point more.
  bool goes_on_without_lost = false;
  /// Hears of every rank that is left behind: its number and one line.
  std::function<void(int rank, const std::string& text)> on_lost = {};
  /// Asked again and again while a round is computed and waited for; true breaks it off.
  std::function<bool()> interrupted = {};
};

/// Rank 0's end of a run: an Evaluator whose work is done by all ranks of a communicator, while the others
/// are in serve(). Gives the same bits on any number of ranks.
///
/// Each theta leaves for the ranks that need it when it is submitted. close() computes rank 0's own share,
/// which is the last of the round, and then takes the answers in the order of the fold tree: what comes later
/// waits at its sender, so that rank 0 holds one gradient a point and log2(S) + 1 partial ones. Failure texts
/// read "rank 3 (host): point 1, shard 4: cause".
///
/// A rank that is silent ends the conversation with a SilentRankError that names all silent ones; or, with
/// goes_on_without_lost, rank 0 computes itself what they still owe of this round, and from the next one on
/// their work is dealt to the others. The bits stay the same. A lost rank is never taken in again.
///
/// With Closing::enough it takes answers as they come, and keeps them all until the round is closed. A rank
/// that then still computes goes on, and is dealt nothing before it is done; when no rank is free a round
/// begins by waiting for one. Ranks that take more than twice as long as usual for a shard are dealt to last,
/// so that they are not given the points that every round needs. A late point of a lost rank has failed.
/// Keys must not come again: one run a coordinator.
///
/// A round that is broken off ends in RoundInterrupted with the points whose answers are there by then; the
/// others may still compute, so the conversation is over.
class Coordinator : public Evaluator {
 public:
  /// Communicator and objective must outlive this object. The objective must be the same on every rank.
  Coordinator(Communicator& communicator, const Objective& objective, const CoordinatorOptions& options = {});
  ~Coordinator() override;
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  Index dimension() const override { return dimension_; }
  using Evaluator::close;
  void begin(const Opening& opening) override;
  void submit(optex::Point point) override;
  Round close(const Closing& how) override;
  void renew(ConstVectorRef state) override;

  /// Ranks that were left behind, in the order in which that was noticed.
  const std::vector<int>& lost_ranks() const { return lost_ranks_; }

  /// Seconds that each rank has spent computing since the run began, as far as it has told.
  const std::vector<double>& rank_busy_seconds() const { return busy_seconds_; }

  /// Calls ranks 1 to `ranks` - 1 from their work: their Worker::serve() returns.
  void call_to_join(int ranks);

  /// A rank turned out to be silent where this object does not listen: nothing is waited for any more.
  void give_up();

  /// Lets the workers go; waits for answers that are still under way. False when somebody could not be told.
  /// The destructor does it when nobody else has.
  bool shutdown() noexcept;

 private:
  /// What one rank computes of a point whose answers are taken as they come.
  struct Part {
    int rank = 0;
    Task task;
    std::vector<PartialSum> sums = {};  ///< that have come, left to right
    std::string failure = {};
    bool done = false;
  };
  /// A submitted point, until its round is closed.
  struct Point {
    SampleKey key;
    std::shared_ptr<const Vector> theta;  ///< null once rank 0 will not evaluate there any more
    std::vector<PartialSum> own;          ///< nodes that rank 0 computed, left to right
    std::string own_failure;
    std::size_t portions_begun = 0;  ///< whose answers were waited for
    bool own_share_missing = false;  ///< rank 0's share of it was broken off
    std::vector<Part> parts = {};    ///< in the order of the work plan, when answers are taken as they come
  };

  Round collect_in_order();
  Round collect_until(Index enough);
  void post_late(const optex::Point& wanted);
  Task task_for(const Portion& portion) const;
  template <class Step>
  void or_give_up(Step step);
  template <class Step>
  bool tell(Step step);
  void send_out(Index index);
  void keep_moving();
  void evaluate_own_share();
  Evaluation collect_point(Point& point);
  Evaluation evaluation_of(Fold& fold, std::string failure);
  [[noreturn]] void break_off(std::vector<Evaluation>& complete);
  void look_up();
  void add_own(Point& point, Fold& fold, std::string& failure);
  void add_answers(const Point& point, const Portion& portion, Fold& fold, std::string& failure);
  void take_over(const Point& point, ShardRange shards, Fold& fold, std::string& failure);
  std::vector<int> as_silent_as(const SilentRankError& error);
  void lose(const SilentRankError& error);
  void leave_behind(int rank, const std::string& text);
  bool is_lost(int rank) const;
  // Rounds that are closed early: coordinator_quorum.cpp.
  static bool is_complete(const Point& point);
  Part* next_part_of(int worker);
  std::vector<int> free_ranks();
  bool take_arrived();
  bool take_arrived_of(int worker);
  void take_one(Part& part);
  template <class Done>
  void wait_until(Done done);
  void count_silence(double seconds);
  void compute_parts(std::vector<Point>& points);
  void adopt_own_share();
  void settle_lost();
  bool may_close(Index enough) const;
  Evaluation fold_parts(Point& point);
  [[noreturn]] void break_off_early();
  void wait_for_a_free_rank();
  void drain_late();
  void end_round();
  void abandon_round();
  std::string origin(int rank) const;

  using Clock = std::chrono::steady_clock;

  Communicator& communicator_;
  const Objective& objective_;
  Index dimension_;
  Index shards_;
  CoordinatorOptions options_;
  std::vector<int> ranks_;       ///< that evaluate, in the order of the work plan
  std::vector<int> lost_ranks_;  ///< left behind
  VectorPool pool_;
  Outbox outbox_;
  std::vector<bool> has_work_;              ///< which ranks were given something this round
  std::vector<Index> owes_;                 ///< by rank: portions whose answers have not all come
  std::vector<Clock::time_point> told_at_;  ///< when each rank last heard from this one
  std::uint64_t round_ = 0;
  WorkPlan plan_;
  std::vector<Point> points_;
  std::vector<Point> late_;  ///< of earlier rounds, in the order in which they were posted
  std::vector<double>
      silent_;  ///< by rank: seconds waited since its last word, where words are taken as they come
  std::vector<double> pace_;  ///< by rank: seconds it took for its last shard, likewise; 0: unknown
  bool takes_words_ = false;  ///< as they come
  std::vector<double> busy_seconds_;
  std::optional<Clock::time_point> waits_until_;  ///< while a round is broken off: for answers on their way
  bool broken_ = false;  ///< a rank was silent or talked nonsense: its messages cannot be sorted out any more
  bool shut_down_ = false;
};

}  // namespace optex
