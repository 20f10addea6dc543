#include "optex/minimize/ask_tell.hpp"

#include "optex/core/errors.hpp"

#include <utility>

namespace optex {
namespace {

Vector within(const Bounds& bounds, ConstVectorRef theta) {
  Vector point = theta;
  bounds.project(point);
  return point;
}

DriverOptions driving(const StopRules& stop, const std::string& ending, Observer& observer) {
  DriverOptions options;
  options.rounds.rules = stop;
  if (!ending.empty()) options.rounds.ends = [ending](const RunState&) { return Ending{ending, ""}; };
  options.observers = {&observer};
  options.keeps_trace = true;
  return options;
}

}  // namespace

AskTell::AskTell(ConstVectorRef theta, const MinimizeOptions& options, bool noisy)
    : evaluator_(theta.size(), [this] { rounds_->yield(); }),
      method_(make_method(evaluator_, options, noisy)),
      run_(options.resume ? *options.resume : method_->initial_state(within(options.bounds, theta))),
      driver_(*method_, evaluator_, driving(stop_rules_of(options, noisy), "", rewinder_)) {
  note_ending();
}

AskTell::AskTell(const std::function<std::unique_ptr<Method>(Evaluator&)>& method, RunState run,
                 StopRules stop, const std::string& ending)
    : evaluator_(run.theta.size(), [this] { rounds_->yield(); }),
      method_(method(evaluator_)),
      run_(std::move(run)),
      driver_(*method_, evaluator_, driving(stop, ending, rewinder_)) {
  note_ending();
}

std::vector<Question> AskTell::ask() {
  if (!finished_ && !stalled_) advance();
  std::vector<Question> open;
  if (finished_) return open;
  for (const Question& question : evaluator_.questions())
    if (!evaluator_.is_answered(question.number)) open.push_back(question);
  return open;
}

void AskTell::tell(Index number, double value, ConstVectorRef gradient) {
  Evaluation answer;
  answer.value = value;
  answer.gradient = gradient;
  accept(number, std::move(answer));
}

void AskTell::tell_failed(Index number, const std::string& reason) {
  Evaluation answer;
  answer.failure = "point " + std::to_string(number) + ": " + (reason.empty() ? "no reason given" : reason);
  accept(number, std::move(answer));
}

void AskTell::accept(Index number, Evaluation answer) {
  const bool gone_past = evaluator_.is_handed_over(number);
  evaluator_.tell(number, std::move(answer));
  stalled_ = false;
  if (gone_past) rounds_.reset();  // the round is run again with the answer that was replaced
  if (!finished_ || outcome_.code == ExitCode::success) return;
  // It had failed for want of this answer.
  finished_ = false;
  outcome_ = {};
}

/// Runs rounds until one needs answers that are not there.
void AskTell::advance() {
  if (!rounds_ || rounds_->ended()) {
    evaluator_.rewind();
    rounds_ = std::make_unique<Coroutine>([this](Coroutine&) {
      outcome_ = driver_.run(run_);
      finished_ = true;
    });
  }
  rounds_->resume();
  stalled_ = !finished_;
  note_ending();
}

void AskTell::note_ending() {
  if (const auto ending = driver_.ending(run_)) ending_ = ending->reason;
}

void AskTell::Rewinder::on_iteration(const RunState& run, const IterationReport& report) {
  run_.evaluator_.forget();
  run_.evaluator_.rewind();
  if (run_.observer_) run_.observer_(run, report);
}

}  // namespace optex
