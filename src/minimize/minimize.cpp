#include "optex/minimize/minimize.hpp"

#include "optex/core/errors.hpp"
#include "optex/driver/driver.hpp"
#include "optex/evaluation/serial_evaluator.hpp"

#include <utility>

namespace optex {
namespace {

/// A method that also ends when the caller asked for it.
class Stoppable final : public Method {
 public:
  Stoppable(std::unique_ptr<Method> method, const bool& asked) : method_(std::move(method)), asked_(asked) {}
  RunState initial_state(ConstVectorRef theta) const override { return method_->initial_state(theta); }
  IterationReport iterate(RunState& run) override { return method_->iterate(run); }
  std::optional<Ending> finished(const RunState& run) const override {
    if (asked_)
      return Ending{"callback", "a callback asked to stop after round " + std::to_string(run.iteration)};
    return method_->finished(run);
  }

 private:
  std::unique_ptr<Method> method_;
  const bool& asked_;
};

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
  Stoppable method(make_method(evaluator, options, noisy), stop);
  Callbacks callbacks(options, stop);
  std::vector<Observer*> observers = options.observers;
  observers.push_back(&callbacks);
  if (options.resume && options.resume->theta.size() != theta.size())
    throw UsageError("the state to resume from has " + std::to_string(options.resume->theta.size()) +
                     " coordinates, the objective " + std::to_string(theta.size()));
  RunState run = options.resume ? *options.resume : method.initial_state(theta);
  Driver driver(method, evaluator, options.stop, std::move(observers));
  return driver.run(run);
}

Outcome minimize(const Objective& objective, const MinimizeOptions& options) {
  SerialEvaluator evaluator(objective);
  Outcome outcome = minimize(evaluator, start_of(options, objective), objective.is_noisy(), options);
  if (outcome.code == ExitCode::success) outcome.measures = objective.assess(outcome.solution);
  return outcome;
}

}  // namespace optex
