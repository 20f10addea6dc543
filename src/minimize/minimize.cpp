#include "optex/minimize/minimize.hpp"

#include "optex/core/errors.hpp"
#include "optex/driver/driver.hpp"
#include "optex/evaluation/serial_evaluator.hpp"

#include <utility>

namespace optex {
namespace {

/// Calls the functions of the options and remembers what they ask for.
class Callbacks final : public Observer {
 public:
  Callbacks(const MinimizeOptions& options, bool& stop) : options_(options), stop_(stop) {}

  void on_start(const RunState& run) override {
    if (options_.on_start) options_.on_start(run);
  }
  void on_iteration(const RunState& run, const IterationReport& report) override {
    const Wish wish = options_.on_iteration ? options_.on_iteration(run, report) : Wish::go_on;
    if (wish == Wish::stop) stop_ = true;
    const bool due = options_.checkpoint_every > 0 && run.iteration % options_.checkpoint_every == 0;
    if (wish == Wish::checkpoint || due) save(run);
  }
  void on_end(const RunState& run, const Outcome& outcome) override {
    if (run.iteration != saved_) save(run);
    if (options_.on_end) options_.on_end(run, outcome);
  }

 private:
  void save(const RunState& run) {
    saved_ = run.iteration;
    if (options_.on_checkpoint) options_.on_checkpoint(run);
  }

  const MinimizeOptions& options_;
  bool& stop_;
  std::int64_t saved_ = -1;
};

}  // namespace

Outcome minimize(Evaluator& evaluator, ConstVectorRef theta, bool noisy, const MinimizeOptions& options) {
  bool stop = false;
  const std::unique_ptr<Method> method = make_method(evaluator, options, noisy);
  Callbacks callbacks(options, stop);
  std::vector<Observer*> observers = options.observers;
  observers.push_back(&callbacks);
  if (options.resume && options.resume->theta.size() != theta.size())
    throw UsageError("the state to resume from has " + std::to_string(options.resume->theta.size()) +
                     " coordinates, the objective " + std::to_string(theta.size()));
  RunState run = options.resume ? *options.resume : method->initial_state(theta);
  DriverOptions driving;
  driving.rounds.rules = stop_rules_of(options, noisy);
  driving.rounds.ends = [&stop](const RunState& now) -> std::optional<Ending> {
    if (!stop) return std::nullopt;
    return Ending{"callback", "a callback asked to stop after round " + std::to_string(now.iteration)};
  };
  driving.observers = std::move(observers);
  driving.keeps_trace = true;
  return Driver(*method, evaluator, std::move(driving)).run(run);
}

Outcome minimize(const Objective& objective, const MinimizeOptions& options) {
  SerialEvaluator evaluator(objective);
  Outcome outcome =
      minimize(evaluator, start_of(options, objective), objective.is_noisy(), knowing(objective, options));
  if (outcome.code == ExitCode::success)
    measure_answer(outcome, [&objective](ConstVectorRef theta) { return objective.assess(theta); });
  return outcome;
}

}  // namespace optex
