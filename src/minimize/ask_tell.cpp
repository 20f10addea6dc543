#include "optex/minimize/ask_tell.hpp"

#include "optex/core/errors.hpp"
#include "optex/driver/stopping.hpp"

#include <cmath>
#include <utility>

namespace optex {
namespace {

Vector within(const Bounds& bounds, ConstVectorRef theta) {
  Vector point = theta;
  bounds.project(point);
  return point;
}

}  // namespace

AskTell::AskTell(ConstVectorRef theta, const MinimizeOptions& options, bool noisy)
    : evaluator_(theta.size()),
      method_(make_method(evaluator_, options, noisy)),
      run_(options.resume ? *options.resume : method_->initial_state(within(options.bounds, theta))),
      stop_(options.stop) {}

AskTell::AskTell(const std::function<std::unique_ptr<Method>(Evaluator&)>& method, RunState run,
                 StopRules stop, std::string ending)
    : evaluator_(run.theta.size()),
      method_(method(evaluator_)),
      run_(std::move(run)),
      stop_(stop),
      ending_(std::move(ending)) {}

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
  evaluator_.tell(number, std::move(answer));
  stalled_ = false;
  if (!finished_ || outcome_.code == ExitCode::success) return;
  // It had failed for want of this answer.
  finished_ = false;
  outcome_ = {};
}

/// Runs rounds until one needs answers that are not there.
void AskTell::advance() {
  try {
    if (ending_.empty() && stop_.iterations && run_.iteration >= *stop_.iterations) ending_ = "iterations";
    while (ending_.empty()) {
      evaluator_.rewind();
      const double best_before = run_.best_value;
      const IterationReport report = method_->iterate(run_);
      evaluator_.forget();
      end_round(report, best_before);
    }
    evaluator_.rewind();
    conclude();
  } catch (const AwaitingAnswers&) {
    stalled_ = true;
  } catch (const Error& error) {
    fail(error);
  }
}

void AskTell::end_round(const IterationReport& report, double best_before) {
  run_.rounds_without_progress = run_.best_value < best_before ? 0 : run_.rounds_without_progress + 1;
  if (observer_) observer_(run_, report);
  if (!std::isfinite(run_.best_value)) throw NumericalError("no finite value was ever seen");
  if (const auto rule = met_rule(stop_, run_, report)) {
    ending_ = *rule;
  } else if (const auto ending = method_->finished(run_)) {
    ending_ = ending->reason;
    ending_message_ = ending->message;
  }
}

/// Asks for F at the answer, as Driver does.
void AskTell::conclude() {
  outcome_.reason = ending_;
  outcome_.message = ending_message_;
  outcome_.solution = run_.average.size() > 0 ? run_.average : run_.theta;
  evaluator_.begin(1);
  evaluator_.submit(SampleKey::exact(), outcome_.solution);
  const Evaluation last = std::move(evaluator_.collect().front());
  if (last.failed()) throw EvaluationError("at the final point: " + last.failure);
  outcome_.final_value = last.value;
  if (run_.best_theta.size() > 0 && (run_.best_value < last.value || !std::isfinite(last.value))) {
    outcome_.solution = run_.best_theta;
    outcome_.final_value = run_.best_value;
  }
  if (!std::isfinite(outcome_.final_value))
    throw NumericalError("the value at the final point is not finite");
  finished_ = true;
}

void AskTell::fail(const Error& error) {
  outcome_.code = error.code();
  outcome_.reason = "error";
  outcome_.message = error.what();
  outcome_.solution = run_.theta;
  finished_ = true;
}

}  // namespace optex
