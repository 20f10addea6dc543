#include "optex/methods/sliced.hpp"

#include "optex/core/errors.hpp"
#include "optex/evaluation/sliced_evaluator.hpp"

namespace optex {

SlicedMethod::SlicedMethod(CoordinateSlices& slices, const std::function<std::unique_ptr<Method>()>& make)
    : slices_(slices) {
  const SlicesInUse use(&slices_);
  inner_ = make();
}

RunState SlicedMethod::initial_state(ConstVectorRef theta) const {
  slices_.call(JointStep::begin);
  const Vector slice = slices_.scatter(theta);
  const SlicesInUse use(&slices_);
  return inner_->initial_state(slice);
}

IterationReport SlicedMethod::iterate(RunState& run) {
  slices_.call(JointStep::iterate);
  const SlicesInUse use(&slices_);
  return inner_->iterate(run);
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
          const SlicesInUse use(&slices);
          method.iterate(run);
        } catch (const StallError&) {
          throw;
        } catch (const Error& error) {
          // The same happened on rank 0, which tells of it and decides how to go on; `run` is as it was.
          if (error.code() == ExitCode::internal && dynamic_cast<const RoundBroken*>(&error) == nullptr)
            throw;
        }
        break;
      default:
        other(*step, run);
    }
  }
}

}  // namespace optex
