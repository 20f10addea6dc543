#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/distributed/communicator.hpp"
#include "optex/distributed/point_in_work.hpp"
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
  /// Hears of every rank that is left behind: its number and one line. Also in shutdown(), whatever
  /// `goes_on_without_lost` says: nothing is owed any more, but the end of MPI would wait for it.
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
  void submit(Point point) override;
  Round close(const Closing& how) override;
  void renew(ConstVectorRef state) override;

  /// Ranks that were left behind, in the order in which that was noticed.
  const std::vector<int>& lost_ranks() const { return lost_ranks_; }

  /// Seconds that each rank has spent computing since the run began, as far as it has told.
  std::vector<double> rank_busy_seconds() const;

  /// Calls ranks 1 to `ranks` - 1 from their work: their Worker::serve() returns.
  void call_to_join(int ranks);

  /// A rank turned out to be silent where this object does not listen: nothing is waited for any more.
  void give_up();

  /// Lets the workers go; waits for answers that are still under way, and for the farewell of each worker, a
  /// minute or as long as for an answer, whichever is shorter. False when somebody could not be told or is
  /// gone.
  /// The destructor does it when nobody else has.
  bool shutdown() noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  /// What is known of a rank.
  struct Peer {
    Index owes = 0;             ///< parts of points whose answers have not all come
    Clock::time_point told_at;  ///< when it last heard from this one
    double silent = 0.0;        ///< seconds waited since its last word
    double pace = 0.0;  ///< seconds for its last shard, in rounds that may be closed early; 0: unknown
    double busy_seconds = 0.0;  ///< computing, as far as it has told
  };
  /// In which order answers are taken: of any rank as they come, or one after the other as they are folded,
  /// so that this rank holds one gradient a point and log2(S) + 1 partial ones.
  enum class Order { any, folding };
  struct Owed {
    PointInWork* point = nullptr;
    Part* part = nullptr;
  };

  Peer& peer(int rank) { return peers_[static_cast<std::size_t>(rank)]; }
  std::string origin(int rank) const;
  // Out.
  void post_late(const Point& wanted);
  Part part_for(const Portion& portion, const SampleKey& key) const;
  void send_out(const PointInWork& point);
  void keep_moving();
  void look_up();
  std::vector<int> free_ranks();
  // Back: coordinator_answers.cpp.
  void compute(PointInWork& point, Part& part);
  void compute_own_parts(std::vector<PointInWork>& points);
  void take_until(Order order, const std::function<bool()>& done);
  bool may_close(const Closing& how) const;
  bool may_be_taken(const Part& part);
  Part* front();
  Owed next_of(int worker);
  bool take_arrived();
  bool take_arrived_of(int worker);
  void take_one(const Owed& owed);
  void finish(Part& part);
  void count_silence(double seconds);
  std::vector<LateAnswer> late_answers();
  [[noreturn]] void break_off();
  void abandon_round();
  // Ranks that are lost: coordinator_losses.cpp.
  template <class Step>
  void or_give_up(Step step);
  template <class Step>
  bool tell(Step step);
  std::vector<int> as_silent_as(const SilentRankError& error);
  void lose(const SilentRankError& error);
  void leave_behind(int rank, const std::string& text);
  bool is_lost(int rank) const;
  void take_farewells();
  void settle_lost();

  Communicator& communicator_;
  const Objective& objective_;
  Index dimension_;
  Index shards_;
  CoordinatorOptions options_;
  std::vector<int> ranks_;       ///< that evaluate, in the order of the work plan
  std::vector<int> lost_ranks_;  ///< left behind
  std::vector<Peer> peers_;      ///< by rank
  VectorPool pool_;
  Outbox outbox_;
  std::uint64_t round_ = 0;
  WorkPlan plan_;
  std::vector<PointInWork> points_;  ///< of this round
  std::vector<PointInWork> late_;    ///< of earlier rounds, in the order in which they were posted
  Order order_ = Order::folding;
  int receiving_from_ = -1;                       ///< within a message of this rank; -1: of none
  std::optional<Clock::time_point> waits_until_;  ///< while a round is broken off: for answers on their way
  bool broken_ = false;  ///< a rank was silent or talked nonsense: its messages cannot be sorted out any more
  bool shut_down_ = false;
};

}  // namespace optex
