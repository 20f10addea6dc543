#include "optex/comparison/measured_run.hpp"

#include "optex/core/errors.hpp"
#include "optex/driver/rounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace optex {
namespace {

double value_at(Evaluator& evaluator, ConstVectorRef theta, Index batches) {
  evaluator.begin({std::max<Index>(batches, 1)});
  if (batches == 0) evaluator.submit(point_at(SampleKey::exact(), theta));
  // No round of a run has the number -1, so no method sees these batches.
  for (Index i = 0; i < batches; ++i)
    evaluator.submit(point_at({.iteration = -1, .point = static_cast<std::int32_t>(i)}, theta));
  const std::vector<Evaluation> answers = evaluator.close().evaluations;
  double total = 0.0;
  for (const Evaluation& answer : answers) {
    if (answer.failed()) throw EvaluationError("where the run is measured: " + answer.failure);
    total += answer.value;
  }
  return total / static_cast<double>(answers.size());
}

class MeasuredRun {
 public:
  MeasuredRun(Method& method, Evaluator& evaluator, ConstVectorRef start, const MeasureOptions& options)
      : evaluator_(evaluator),
        options_(options),
        rounds_(method, evaluator, {.rules = options.rules, .ends = {}, .advance = {}, .whole = {}}),
        run_(method.initial_state(start)) {}

  /// False when it was interrupted.
  bool go(const std::function<bool()>& interrupted) {
    if (options_.separately) note(here(), measure());
    while (record_.end.empty()) {
      if (interrupted()) return false;
      round();
    }
    // What the last round led to has not been seen yet.
    if (record_.end != "target" && (record_.curve.empty() || record_.curve.back().round < run_.iteration))
      note(here(), measure());
    return true;
  }

  RunRecord take() {
    record_.rounds = run_.iteration;
    record_.evaluations = run_.evaluations;
    record_.seconds = run_.seconds;
    return std::move(record_);
  }

  void fail(const std::string& message) {
    record_.end = "error";
    record_.message = message;
  }

 private:
  CurvePoint here() const { return {run_.iteration, run_.evaluations, run_.seconds, 0.0}; }

  /// F at the best point that the method would answer with; infinite when it keeps none.
  double kept_value() const {
    return run_.best.theta.size() > 0 ? run_.best.value : std::numeric_limits<double>::infinity();
  }

  /// F at the answer. An iterate that cannot be measured leaves the run where it is known to stand.
  double measure() {
    const Vector& last = run_.noisy.average.size() > 0 ? run_.noisy.average : run_.theta;
    double value = std::numeric_limits<double>::infinity();
    try {
      value = value_at(evaluator_, last, options_.batches);
    } catch (const EvaluationError&) {
      if (!std::isfinite(kept_value())) throw;
    }
    return std::isfinite(value) ? std::min(value, kept_value()) : kept_value();
  }

  void note(CurvePoint point, double value) {
    if (!std::isfinite(value)) throw NumericalError("the value is not finite");
    point.value = value;
    record_.curve.push_back(point);
    if (options_.target && value <= *options_.target) record_.end = "target";
  }

  void round() {
    const CurvePoint before = here();
    const double kept_before = kept_value();
    const IterationReport report = rounds_.step(run_);
    if (options_.by_best_point)
      note(here(), kept_value());
    else if (!options_.separately)
      note(before, std::min(report.value, kept_before));
    else if (run_.iteration % options_.every == 0)
      note(here(), measure());
    if (!record_.end.empty()) return;
    if (const auto ending = rounds_.ending(run_)) record_.end = ending->reason;
  }

  Evaluator& evaluator_;
  const MeasureOptions& options_;
  Rounds rounds_;
  RunState run_;
  RunRecord record_;
};

}  // namespace

std::optional<RunRecord> measured_run(Method& method, Evaluator& evaluator, ConstVectorRef start,
                                      const MeasureOptions& options,
                                      const std::function<bool()>& interrupted) {
  MeasuredRun run(method, evaluator, start, options);
  try {
    if (!run.go(interrupted)) return std::nullopt;
  } catch (const Error& error) {
    if (error.code() != ExitCode::numerical && error.code() != ExitCode::evaluation_failed) throw;
    run.fail(error.what());
  }
  return run.take();
}

}  // namespace optex
