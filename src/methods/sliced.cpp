#include "optex/methods/sliced.hpp"

#include "optex/core/errors.hpp"
#include "optex/evaluation/sliced_evaluator.hpp"

#include <ios>
#include <sstream>
#include <string>

namespace optex {

SlicedMethod::SlicedMethod(CoordinateSlices& slices, const std::function<std::unique_ptr<Method>()>& make)
    : slices_(slices) {
  const SlicesInUse use(&slices_);
  inner_ = make();
}

namespace {

/// What the ranks have decided, each for itself, in a round.
std::string decisions(const RunState& run, const IterationReport& report) {
  std::ostringstream text;
  text << std::hexfloat << report.lengthscale << ' ' << report.nugget << ' ' << report.reach << ' '
       << report.accepted << ' ' << run.replay.reach << ' ' << run.best.value << ' ' << run.history.size();
  for (const double variance : report.prediction_variance) text << ' ' << variance;
  for (const double error : report.prediction_error) text << ' ' << error;
  return text.str();
}

}  // namespace

RunState SlicedMethod::initial_state(ConstVectorRef theta) const {
  slices_.call(JointStep::begin);
  const Vector slice = slices_.scatter(theta);
  const SlicesInUse use(&slices_);
  return inner_->initial_state(slice);
}

IterationReport SlicedMethod::iterate(RunState& run) {
  slices_.call(JointStep::iterate);
  IterationReport report;
  {
    const SlicesInUse use(&slices_);
    report = inner_->iterate(run);
  }
  slices_.share(decisions(run, report));
  return report;
}

std::optional<Ending> SlicedMethod::finished(const RunState& run) const {
  slices_.call(JointStep::finished);
  const SlicesInUse use(&slices_);
  return inner_->finished(run);
}

void take_sliced_steps(CoordinateSlices& slices, Method& method,
                       const std::function<std::optional<JointStep>()>& next,
                       const std::function<void(JointStep, RunState&)>& other) {
  RunState run;
  while (const std::optional<JointStep> step = next()) {
    switch (*step) {
      case JointStep::begin: {
        const Vector slice = slices.scatter(Vector());
        const SlicesInUse use(&slices);
        run = method.initial_state(slice);
        break;
      }
      case JointStep::iterate:
        try {
          IterationReport report;
          {
            const SlicesInUse use(&slices);
            report = method.iterate(run);
          }
          if (slices.share("") != decisions(run, report))
            throw Error(
                ExitCode::internal,
                "this rank has decided otherwise than rank 0: the ranks that share a history must have "
                "processors and libraries that compute alike");
        } catch (const StallError&) {
          throw;
        } catch (const Error& error) {
          // The same happened on rank 0, which tells of it and decides how to go on; `run` is as it was.
          if (error.code() == ExitCode::internal && dynamic_cast<const RoundBroken*>(&error) == nullptr)
            throw;
        }
        break;
      case JointStep::finished: {
        const SlicesInUse use(&slices);
        method.finished(run);  // for the sums in it
        break;
      }
      default:
        other(*step, run);
    }
  }
}

}  // namespace optex
