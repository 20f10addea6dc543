#include "optex/core/errors.hpp"
#include "optex/core/signal_notes.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/text/host_name.hpp"

#include <cstdlib>

#include "ranks.hpp"

namespace optex::app {
namespace {

/// A build without MPI: one rank, and nobody to agree with.
class Alone final : public Ranks {
 public:
  int rank() const override { return 0; }
  void agree_on(const std::function<void()>& step) override { step(); }
  std::optional<Error> attempt(const std::function<void()>& program) override {
    try {
      program();
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }
  std::string share(const std::string& text) override { return text; }
  void check_same(const std::vector<std::pair<std::string, std::string>>&) override {}
  void check_independent(const Objective&, ConstVectorRef) override {}
  void set_stall_seconds(double) override {}
  void form_workers(int ranks_per_worker) override {
    if (ranks_per_worker != 1)
      throw LaunchError("parallel.ranks_per_worker: there are no other ranks in a build without MPI");
  }
  std::unique_ptr<const Objective> of_worker(std::unique_ptr<const Objective> own) override { return own; }
  std::unique_ptr<Evaluator> evaluator(const Objective& objective, const EvaluatorWishes&) override {
    return std::make_unique<SerialEvaluator>(objective);
  }
  std::vector<double> busy_seconds() const override { return {}; }
  void serve(const Objective&) override {
    throw LaunchError("there are no other ranks in a build without MPI");
  }
  void form_slices(Index) override {}
  CoordinateSlices* slices() override { return nullptr; }
  std::optional<JointStep> serve_until_called(const Objective& objective) override {
    serve(objective);
    return std::nullopt;
  }
  std::vector<std::string> gather(const std::string& mine) override { return {mine}; }
  std::vector<std::string> dead_ranks() const override { return {}; }
  std::optional<std::string> dead_neighbour() const override { return std::nullopt; }
  std::optional<std::string> alone_on_host() const override { return std::nullopt; }
  std::vector<std::string> hosts() const override { return {host_name()}; }
  std::string mpi_library() const override { return {}; }
  void end_all(int code) override { std::_Exit(code); }
  Interruption interruption() override { return interruption_of(SignalNotes::take()); }

 private:
  SignalNotes signals_;
};

}  // namespace

int on_all_ranks(const std::function<int(Ranks&)>& program) {
  Alone ranks;
  return program(ranks);
}

}  // namespace optex::app
