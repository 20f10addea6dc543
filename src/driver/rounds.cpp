#include "optex/driver/rounds.hpp"

#include "optex/core/stopwatch.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <sstream>
#include <utility>

namespace optex {
namespace {

/// Beyond these the square of a gradient, or of a small part of it, is no number any more.
constexpr double smallest_gradient = 1e-140, largest_gradient = 1e140;

/// Of a run that only its limits ended, with numbers with which its method can hardly move; empty otherwise.
std::string word_about_scale(const RunState& run, const StopRules& rules, const std::string& ending) {
  const double first = run.progress.first_gradient_norm;
  const bool by_limit = ending == "iterations" || ending == "evaluations" || ending == "seconds" ||
                        ending == "patience" || ending == "precision";
  if (!by_limit || run.iteration == 0 || first == 0.0 || std::isnan(first)) return "";
  const double of_a_coordinate = first / std::sqrt(static_cast<double>(std::max<Index>(run.theta.size(), 1)));
  const bool has_rate = !run.surrogate.begun() && run.secants.base_gradient.size() == 0;
  const bool never_moved = ending == "precision" && run.progress.still_rounds + 1 >= run.iteration;
  std::ostringstream text;
  text << std::setprecision(2) << "the gradient was " << first << " at the start";
  if (run.best.unit == 1.0 && (first < smallest_gradient || first > largest_gradient))
    text
        << ": most methods take its square, which is no number any more; let the objective give F in another "
           "unit";
  else if (has_rate && of_a_coordinate < rules.epsilon)
    text << ", " << of_a_coordinate << " a coordinate, which is little beside the optimiser's epsilon of "
         << rules.epsilon
         << ": steps were shorter than the learning rate says; make epsilon smaller, or let the objective "
            "give F in another unit";
  else if (has_rate && never_moved)
    text << ", and F never changed: steps are lost beside the coordinates; a larger learning rate, or F in "
            "another unit";
  else if (!has_rate && never_moved)
    text
        << ", and F never changed: this is a minimum already, or steps are lost beside the coordinates (x in "
           "another unit)";
  else
    return "";
  return text.str();
}

bool knows_best(const RunState& run) { return run.best.theta.size() > 0 && std::isfinite(run.best.value); }

/// Counts the rounds whose smallest F is that of the first of them. Not the iterate's: it stays the same
/// while a line search looks far around. Nor while the method's own steps are too short for F to change.
void note_change(Progress& progress, const IterationReport& report, double precision) {
  constexpr double enough = 1e4;  // in units of the precision: a fall that could be seen
  const double lowest = report.lowest_value;
  const bool holds_back = report.untried_fall > enough * precision * std::abs(lowest);
  if (!holds_back && std::isfinite(progress.still_value) &&
      std::abs(lowest - progress.still_value) <= precision * std::abs(progress.still_value)) {
    ++progress.still_rounds;
  } else {
    progress.still_rounds = 0;
    progress.still_value = std::isfinite(lowest) ? lowest : std::numeric_limits<double>::infinity();
  }
}

}  // namespace

Rounds::Rounds(Method& method, Evaluator& evaluator, Options options)
    : method_(method), evaluator_(evaluator), options_(std::move(options)) {}

void Rounds::begin(const RunState& run) {
  if (moves(run)) evaluator_.renew(run.objective_state);
}

std::optional<Ending> Rounds::ending(const RunState& run) const {
  std::optional<Ending> found;
  if (const auto rule = met_rule(options_.rules, run))
    found = Ending{*rule, words_of_rule(*rule)};
  else if (auto wanted = options_.ends ? options_.ends(run) : std::nullopt)
    found = std::move(wanted);
  else
    found = method_.finished(run);
  if (!options_.rules.value && !options_.rules.has_all_limits)
    if (auto fall = met_fall(run, found ? found->reason : "")) return Ending{unbounded, *std::move(fall)};
  if (!found) return found;
  if (auto words = met_contradiction(run, found->reason))
    found = Ending{disagreement, *std::move(words)};
  else if (auto way = met_dead_end(run, found->reason))
    found = Ending{no_descent, *std::move(way)};
  return found;
}

IterationReport Rounds::step(RunState& run) {
  const Stopwatch watch;
  // Checkpoints of older programs do not say when the last progress was.
  if (!std::isfinite(run.progress.value)) run.progress.value = run.best.value;
  IterationReport report = method_.iterate(run);
  if (moves(run)) {
    options_.advance(whole(run.theta), run.objective_state);
    evaluator_.renew(run.objective_state);
  }
  const bool first = !std::isfinite(run.progress.value);
  const double enough = first ? 0.0 : options_.rules.value_tolerance * std::abs(run.progress.value);
  if (run.best.value < run.progress.value - enough) {
    run.progress.idle_rounds = 0;
    run.progress.value = run.best.value;
  } else {
    ++run.progress.idle_rounds;
  }
  if (options_.rules.precision) note_change(run.progress, report, *options_.rules.precision);
  if (!std::isfinite(run.progress.first_value)) run.progress.first_value = report.value;
  run.progress.gradient_norm = report.gradient_norm;
  if (!std::isfinite(run.progress.first_gradient_norm))
    run.progress.first_gradient_norm = run.progress.gradient_norm;
  run.seconds += watch.seconds();
  if (!std::isfinite(run.best.value)) throw NumericalError("no finite value was ever seen");
  return report;
}

/// On all data and without noise.
Evaluation Rounds::exact(ConstVectorRef theta) {
  evaluator_.begin({1});
  evaluator_.submit(point_at(SampleKey::exact(), theta));
  return std::move(evaluator_.close().evaluations.front());
}

Outcome Rounds::conclude(const RunState& run, const Ending& ending, const Assess& assess) {
  Outcome outcome;
  outcome.reason = ending.reason;
  outcome.message = ending.message;
  if (ending.reason == disagreement || ending.reason == no_descent || ending.reason == unbounded)
    outcome.code = ExitCode::evaluation_failed;
  outcome.answer = run.noisy.average.size() > 0 ? AnswerPoint::average : AnswerPoint::iterate;
  outcome.solution = whole(run.noisy.average.size() > 0 ? run.noisy.average : run.theta);
  const Evaluation last = exact(outcome.solution);
  std::string trouble = last.failure;
  if (!last.failed() && !std::isfinite(last.value))
    trouble = "its value is not finite; a smaller optimizer.learning_rate may help";
  const std::string place = words_of(outcome.answer);
  if (trouble.empty()) outcome.final_value = last.value;

  if (knows_best(run) && !(outcome.final_value <= run.best.value)) {
    outcome.answer = AnswerPoint::best_point;
    outcome.solution = whole(run.best.theta);
    outcome.final_value = run.best.value;
    if (!trouble.empty())
      outcome.warnings.push_back(place + " could not be evaluated (" + trouble + "): the answer is " +
                                 words_of(outcome.answer));
  } else if (!trouble.empty()) {
    const bool goes_back = run.good.theta.size() > 0;
    if (!std::isfinite(run.best.value) || (!goes_back && !all_finite(outcome.solution))) {
      if (last.failed()) throw EvaluationError("at the final point: " + trouble);
      throw NumericalError("at the final point: " + trouble);
    }
    if (goes_back) {
      outcome.answer = AnswerPoint::last_good;
      outcome.solution = whole(run.good.theta);
    }
    outcome.warnings.push_back(place + " could not be evaluated (" + trouble +
                               "): its exact value is missing, the answer is " + words_of(outcome.answer));
  } else if (outcome.answer == AnswerPoint::iterate && method_.stands_at_best(run) &&
             outcome.final_value == run.best.value) {
    outcome.answer = AnswerPoint::best_point;  // which the iterate is
  }
  outcome.best_value = std::fmin(run.best.value, outcome.final_value);
  if (ending.reason == "iterations" && options_.rules.iterations_by_default)
    outcome.warnings.push_back(
        "the default of stop.iterations ended the run, not that it had converged: the gradient is " +
        std::to_string(run.progress.gradient_norm / run.progress.first_gradient_norm) +
        " of what it was at the start");
  if (std::string word = word_about_scale(run, options_.rules, ending.reason); !word.empty())
    outcome.warnings.push_back(std::move(word));
  if (run.iteration == 1 && run.progress.first_gradient_norm == 0.0 && outcome.code == ExitCode::success)
    outcome.warnings.emplace_back(
        "the gradient is 0 at the start, so nothing was done: it is a stationary point, or the gradient is "
        "not computed (optex gradcheck, scipy.optimize.check_grad)");
  const ValueAgreement& values = run.progress.values;
  if (ending.reason != disagreement && ending.reason != unbounded && run.regime != "noisy" &&
      (values.is_biased() || values.contradicts()))
    outcome.warnings.push_back(values.words());
  measure_answer(outcome, assess);
  return outcome;
}

void Rounds::answer_as_known(const RunState& run, bool failed, Outcome& outcome) const {
  outcome.best_value = run.best.value;
  outcome.final_value = std::numeric_limits<double>::quiet_NaN();
  if (knows_best(run)) {
    outcome.solution = whole(run.best.theta);
    outcome.answer = AnswerPoint::best_point;
    outcome.final_value = run.best.value;
  } else if (run.noisy.average.size() > 0) {
    outcome.solution = whole(run.noisy.average);
    outcome.answer = AnswerPoint::average;
  } else if (failed && run.good.theta.size() > 0) {
    outcome.solution = whole(run.good.theta);
    outcome.answer = AnswerPoint::last_good;
  } else {
    outcome.solution = whole(run.theta);
    outcome.answer = AnswerPoint::iterate;
  }
}

Vector Rounds::answer_so_far(const RunState& run) const {
  if (run.noisy.average.size() > 0) return whole(run.noisy.average);
  return whole(method_.stands_at_best(run) && run.best.theta.size() > 0 ? run.best.theta : run.theta);
}

std::vector<Measure> assessed(const Assess& assess, ConstVectorRef theta, std::string& failure) {
  failure.clear();
  if (!assess) return {};
  try {
    return assess(theta);
  } catch (const StallError&) {
    throw;
  } catch (const std::exception& error) {
    failure = error.what();
  }
  return {};
}

void measure_answer(Outcome& outcome, const Assess& assess) {
  std::string failure;
  outcome.measures = assessed(assess, outcome.solution, failure);
  if (!failure.empty()) outcome.warnings.push_back("the answer has no measures: " + failure);
}

}  // namespace optex
