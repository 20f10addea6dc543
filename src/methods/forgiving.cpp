#include "optex/methods/forgiving.hpp"

#include "optex/methods/remember.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace optex {
namespace {

using Record = RecordingEvaluator::Record;

/// Where a round goes on that could not use its iterate.
struct Retreat {
  Vector theta;
  const char* name;
};

/// The evaluated point with the smallest F that is no worse than the last good iterate.
const Record* best_of(const std::vector<Record>& records, const RunState& run) {
  const Record* best = nullptr;
  for (const Record& record : records) {
    if (!record.usable || !(record.answer.value <= run.good.value) || *record.theta == run.theta ||
        *record.theta == run.good.theta)
      continue;
    if (best == nullptr || record.answer.value < best->answer.value) best = &record;
  }
  return best;
}

/// Nothing when no way is left between the last good point and the one that failed.
std::optional<Retreat> halfway_back(const std::vector<Record>& records, const Record& failed,
                                    const RunState& run) {
  // A method that takes several true steps a round may have come further than the round's start.
  Vector good = run.good.theta;
  for (const Record* record = records.data(); record != &failed; ++record) good = *record->theta;
  Vector middle = good + 0.5 * (*failed.theta - good);
  if (middle == good || middle == *failed.theta) return std::nullopt;
  return Retreat{std::move(middle), "step_back"};
}

void remember_answers(RunState& run, const std::vector<Record>& records, const Bounds& bounds,
                      const Units& units) {
  const double ceiling = run.replay.guard_values.size() > 0 ? run.replay.guard_values.maxCoeff()
                                                            : std::numeric_limits<double>::infinity();
  std::vector<NewPair> pairs;
  for (const Record& record : records) {
    run.evaluations += record.answer.gradients;
    if (!record.usable) continue;
    run.best.note(record.answer.value, *record.theta, record.answer.gradient);
    if (record.answer.value <= ceiling)
      pairs.push_back({*record.theta, record.answer.gradient, record.answer.value, run.iteration});
  }
  if (run.history.capacity() > 0 && !pairs.empty()) remember(run, pairs, bounds, units);
}

}  // namespace

IterationReport Forgiving::iterate(RunState& run) {
  evaluator_.forget();
  try {
    IterationReport report = method_->iterate(run);
    const std::vector<Record>& records = evaluator_.records();
    const auto good =
        std::find_if(records.begin(), records.end(), [](const Record& record) { return record.usable; });
    if (good != records.end()) {
      run.good.theta = *good->theta;
      run.good.value = report.value;
    }
    run.good.dropped = 0;
    return report;
  } catch (const EvaluationError& error) {
    return drop(run, error);
  } catch (const NumericalError& error) {
    return drop(run, error);
  }
}

/// Called while `cause` is handled: what cannot be forgiven is thrown on.
IterationReport Forgiving::drop(RunState& run, const Error& cause) const {
  const std::vector<Record>& records = evaluator_.records();
  const auto failed =
      std::find_if(records.begin(), records.end(), [](const Record& record) { return !record.usable; });
  if (failed == records.end()) throw;
  // The run began without forgiving.
  if (run.good.theta.size() == 0 && run.best.theta.size() > 0 && std::isfinite(run.best.value)) {
    run.good.theta = run.best.theta;
    run.good.value = run.best.value;
  }
  const bool frees = method_->theta_is_free(run);
  if (run.good.theta.size() == 0 && frees)
    throw Error(cause.code(), std::string(cause.what()) + "; there is no good iterate to go back to");
  if (run.good.dropped >= options_.drops)
    throw Error(cause.code(), std::string(cause.what()) + "; " + std::to_string(run.good.dropped) +
                                  " iterates before it were dropped in a row (failure.drops)");

  Retreat retreat{run.theta, "stay"};
  if (frees) {
    if (const Record* const best = best_of(records, run)) {
      retreat = {*best->theta, "best_point"};
    } else if (auto back = halfway_back(records, *failed, run)) {
      retreat = *std::move(back);
    } else {
      throw Error(cause.code(),
                  std::string(cause.what()) + "; nothing is left between it and the last good iterate");
    }
  }
  remember_answers(run, records, options_.bounds, options_.units);
  run.theta = std::move(retreat.theta);
  options_.bounds.project(run.theta);  // of round-off
  ++run.good.dropped;

  IterationReport report;
  report.update = retreat.name;
  report.accepted = 0;
  report.best_value = run.best.value;
  report.evaluations = run.evaluations;
  report.dropped_points =
      std::count_if(records.begin(), records.end(), [](const Record& record) { return !record.usable; });
  report.iterate_dropped = true;
  report.failure = cause.what();
  report.seconds_in.evaluate = evaluator_.times().evaluate;
  report.seconds_in.wait = evaluator_.times().wait;
  report.iteration = ++run.iteration;
  return report;
}

}  // namespace optex
