#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/methods/method.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace optex {

/// Rank 0's method of a run whose state is spread over ranks: has them all take the same step, each with its
/// slice of every vector. RunState is rank 0's slice.
class SlicedMethod final : public Method {
 public:
  /// `make` is called with the slices in use. They must outlive this object.
  SlicedMethod(CoordinateSlices& slices, const std::function<std::unique_ptr<Method>()>& make);

  /// theta: whole.
  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  /// Of these two no method asks a vector.
  bool theta_is_free(const RunState& run) const override { return inner_->theta_is_free(run); }
  bool stands_at_best(const RunState& run) const override { return inner_->stands_at_best(run); }
  std::optional<Ending> finished(const RunState& run) const override;

 private:
  CoordinateSlices& slices_;
  std::unique_ptr<Method> inner_;
};

/// What the other ranks do for it, until `next` brings no step any more: `method` works on a slice. `other`
/// takes the steps that are not the method's, with the state.
void take_sliced_steps(CoordinateSlices& slices, Method& method,
                       const std::function<std::optional<JointStep>()>& next,
                       const std::function<void(JointStep, RunState&)>& other);

}  // namespace optex
