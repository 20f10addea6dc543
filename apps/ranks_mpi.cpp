#include "ranks_mpi.hpp"

#include "optex/distributed/agreement.hpp"
#include "optex/distributed/communicator.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/independence.hpp"
#include "optex/distributed/session.hpp"
#include "optex/distributed/slice_ranks.hpp"
#include "optex/distributed/worker.hpp"
#include "optex/distributed/worker_group.hpp"
#include "optex/external/options.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "output.hpp"
#include "ranks.hpp"

namespace optex::app {
namespace {

/// Rank 0's evaluator when workers are groups: lets its own members go when the run is over.
class GroupCoordinator final : public Coordinator {
 public:
  GroupCoordinator(Communicator& leaders, const GroupObjective& objective, const CoordinatorOptions& options)
      : Coordinator(leaders, objective, options), objective_(objective) {}
  ~GroupCoordinator() override {
    if (!shutdown()) return;
    try {
      objective_.release();
    } catch (const Error& error) {
      print_error(error.what());
    }
  }
  GroupCoordinator(const GroupCoordinator&) = delete;
  GroupCoordinator& operator=(const GroupCoordinator&) = delete;

 private:
  const GroupObjective& objective_;
};

class MpiRanks final : public Ranks {
 public:
  explicit MpiRanks(Session& session, MPI_Comm all = MPI_COMM_WORLD) : session_(session), all_(all) {
    communicator_.emplace(all_);
  }

  int rank() const override { return communicator_->rank(); }
  void agree_on(const std::function<void()>& step) override {
    if (!lost_.empty())
      throw StallError(lost_ + "; what comes next needs all ranks: start again, what is finished is kept");
    run_agreed(*communicator_, step);
  }
  std::optional<Error> attempt(const std::function<void()>& program) override {
    try {
      program();
    } catch (const AgreedError& error) {
      return error;
    }
    return std::nullopt;
  }
  std::string share(const std::string& text) override {
    return communicator_->broadcast(text, "the configuration");
  }
  void check_same(const std::vector<std::pair<std::string, std::string>>& facts) override {
    optex::check_same(*communicator_, facts);
  }
  void check_independent(const Objective& objective, ConstVectorRef theta) override {
    // Within workers of several ranks only leaders are called, one by one.
    if (!group_) optex::check_independent(*communicator_, objective, theta);
  }
  void set_stall_seconds(double seconds) override {
    options_.stall_seconds = seconds;
    communicator_.emplace(all_, options_);
  }
  void form_workers(int ranks_per_worker) override {
    // A sweep makes run after run: what an earlier one had formed is gone.
    of_group_ = nullptr;
    set_worker_communicator(nullptr);
    slices_.reset();
    slice_communicator_.reset();
    leaders_.reset();
    members_.reset();
    group_.reset();
    if (ranks_per_worker == 1) return;
    group_.emplace(all_, ranks_per_worker);
    CommunicatorOptions of_members = options_, of_leaders = options_;
    of_members.first_in_job = rank() / ranks_per_worker * ranks_per_worker;
    of_leaders.stride_in_job = ranks_per_worker;
    members_.emplace(group_->members(), of_members);
    if (group_->leads()) leaders_.emplace(group_->leaders(), of_leaders);
    set_worker_communicator(&group_->members());
  }
  std::unique_ptr<const Objective> of_worker(std::unique_ptr<const Objective> own) override {
    if (!group_ || !group_->leads()) return own;
    auto shared = std::make_unique<GroupObjective>(*members_, std::move(own));
    of_group_ = shared.get();
    return shared;
  }

  std::unique_ptr<Evaluator> evaluator(const Objective& objective, const EvaluatorWishes& wishes) override {
    CoordinatorOptions options{.coordinator_evaluates = wishes.coordinator_evaluates,
                               .by_shard = wishes.by_shard,
                               .goes_on_without_lost = wishes.goes_on_without_lost};
    const int members = members_ ? members_->size() : 1;
    options.on_lost = [this, members, on_lost = wishes.on_lost](int worker, const std::string& text) {
      lost_ = text;
      session_.leave_without_others();
      if (on_lost) on_lost(members * worker, text);
    };
    options.interrupted = [this, interrupted = wishes.interrupted] {
      if (!interrupted || !interrupted()) return false;
      session_.leave_without_others();  // who may be busy for long
      return true;
    };
    coordinator_ = nullptr;
    if (of_group_ != nullptr) {
      auto group = std::make_unique<GroupCoordinator>(*leaders_, *of_group_, options);
      coordinator_ = group.get();
      return group;
    }
    auto coordinator = std::make_unique<Coordinator>(*communicator_, objective, options);
    coordinator_ = coordinator.get();
    if (slices_) {
      const int holders = SliceRanks::holders(slices_->whole(), communicator_->size());
      slices_->on_call([coordinator = coordinator.get(), holders] { coordinator->call_to_join(holders); });
      slices_->on_silence([coordinator = coordinator.get()] { coordinator->give_up(); });
    }
    return coordinator;
  }
  std::vector<double> busy_seconds() const override {
    if (coordinator_ == nullptr) return {};
    const std::vector<double>& of_workers = coordinator_->rank_busy_seconds();
    // The ranks of a worker compute together: each has been busy for as long as their leader.
    const std::size_t members = static_cast<std::size_t>(communicator_->size()) / of_workers.size();
    std::vector<double> seconds;
    for (const double busy : of_workers) seconds.insert(seconds.end(), members, busy);
    return seconds;
  }
  void serve(const Objective& objective) override {
    if (!group_) return optex::serve(*communicator_, objective);
    if (!group_->leads()) return assist(*members_, objective);
    optex::serve(*leaders_, objective);
    of_group_->release();
  }

  void form_slices(Index whole) override {
    const int holders = SliceRanks::holders(whole, communicator_->size());
    if (holders < 2) return;
    slice_communicator_.emplace(all_, options_);
    if (rank() < holders) slices_.emplace(*slice_communicator_, whole);
  }
  CoordinateSlices* slices() override { return slices_ ? &*slices_ : nullptr; }
  std::optional<JointStep> serve_until_called(const Objective& objective) override {
    if (!worker_) worker_.emplace(*communicator_, objective);
    if (worker_->serve()) return slices_->called();
    worker_.reset();
    return std::nullopt;
  }

  std::vector<std::string> gather(const std::string& mine) override {
    return communicator_->gather(mine, "a text of it");
  }
  std::vector<std::string> dead_ranks() const override { return communicator_->dead_ranks(); }
  std::optional<std::string> dead_neighbour() const override { return communicator_->dead_neighbour(); }
  std::optional<std::string> alone_on_host() const override {
    return communicator_->sees_others() ? std::nullopt : std::optional(communicator_->label(rank()));
  }
  std::vector<std::string> hosts() const override {
    std::vector<std::string> names;
    for (const RankPlace& place : communicator_->rank_map()) names.push_back(place.host);
    return names;
  }
  std::string mpi_library() const override { return Session::library(); }

  void end_all(int code) override { Session::abort(static_cast<ExitCode>(code)); }
  Interruption interruption() override { return interruption_of(Session::pending_signal()); }

 private:
  Session& session_;
  MPI_Comm all_;
  CommunicatorOptions options_;
  std::optional<Communicator> communicator_;
  std::optional<WorkerGroup> group_;  ///< when several ranks are a worker
  std::optional<Communicator> members_, leaders_;
  std::optional<Communicator> slice_communicator_;
  std::optional<SliceRanks> slices_;          ///< on ranks that hold one
  std::optional<Worker> worker_;              ///< of a rank with a slice
  const GroupObjective* of_group_ = nullptr;  ///< of_worker()'s, on leaders
  const Coordinator* coordinator_ = nullptr;  // the caller's
  std::string lost_;                          ///< about the rank that was left behind last; or empty
};

}  // namespace

std::unique_ptr<Ranks> ranks_of(Session& session, MPI_Comm communicator) {
  return std::make_unique<MpiRanks>(session, communicator);
}

int on_all_ranks(const std::function<int(Ranks&)>& program) {
  int argc = 0;
  char** argv = nullptr;
  Session session(argc, argv);
  return session.run([&] {
    MpiRanks ranks(session);
    const int code = program(ranks);
    // Of ranks that never talk to rank 0 nobody hears a farewell.
    if (ranks.is_first() && !ranks.dead_ranks().empty()) session.leave_without_others();
    return code;
  });
}

}  // namespace optex::app
