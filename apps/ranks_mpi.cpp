#include "optex/distributed/agreement.hpp"
#include "optex/distributed/communicator.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/session.hpp"
#include "optex/distributed/worker.hpp"

#include <optional>

#include "ranks.hpp"

namespace optex::app {
namespace {

class MpiRanks final : public Ranks {
 public:
  explicit MpiRanks(Session& session) : session_(session) { communicator_.emplace(MPI_COMM_WORLD); }

  int rank() const override { return session_.rank(); }
  void agree_on(const std::function<void()>& step) override { run_agreed(*communicator_, step); }
  std::string share(const std::string& text) override {
    return communicator_->broadcast(text, "the configuration");
  }
  void check_same(const std::vector<std::pair<std::string, std::string>>& facts) override {
    optex::check_same(*communicator_, facts);
  }
  void set_stall_seconds(double seconds) override {
    CommunicatorOptions options;
    options.stall_seconds = seconds;
    communicator_.emplace(MPI_COMM_WORLD, options);
  }

  std::unique_ptr<Evaluator> evaluator(const Objective& objective, bool coordinator_evaluates) override {
    return std::make_unique<Coordinator>(*communicator_, objective,
                                         CoordinatorOptions{coordinator_evaluates});
  }
  void serve(const Objective& objective) override { optex::serve(*communicator_, objective); }

  std::vector<std::string> hosts() const override {
    std::vector<std::string> names;
    for (const RankPlace& place : communicator_->rank_map()) names.push_back(place.host);
    return names;
  }
  std::string mpi_library() const override { return Session::library(); }

  Interruption interruption() override { return interruption_of(Session::pending_signal()); }

 private:
  Session& session_;
  std::optional<Communicator> communicator_;
};

}  // namespace

int on_all_ranks(const std::function<int(Ranks&)>& program) {
  int argc = 0;
  char** argv = nullptr;
  Session session(argc, argv);
  return session.run([&] {
    MpiRanks ranks(session);
    return program(ranks);
  });
}

}  // namespace optex::app
