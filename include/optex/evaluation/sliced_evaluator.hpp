#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/errors.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <functional>
#include <string>
#include <vector>

namespace optex {

/// The evaluator of a method that runs on all ranks together, each with its slice of every vector. Points are
/// put together on rank 0, which has them evaluated as ever, and gradients are dealt out by slices. This is
/// rank 0's end; the others have an EvaluatorOfSlice. Memory on rank 0: 2 d a point of the round.
class SlicedEvaluator final : public Evaluator {
 public:
  /// Both must outlive this object; `whole` evaluates points of slices.whole() coordinates.
  SlicedEvaluator(Evaluator& whole, CoordinateSlices& slices) : whole_(whole), slices_(slices) {}

  Index dimension() const override { return slices_.mine().size; }
  using Evaluator::close;
  void begin(const Opening& opening) override;
  void submit(Point point) override;
  Round close(const Closing& how) override;
  void renew(ConstVectorRef state) override { whole_.renew(state); }

 private:
  Evaluator& whole_;
  CoordinateSlices& slices_;
};

/// The other ranks' end: hands in their slices of points and takes those of gradients. In between `serve`
/// works for rank 0's evaluator; it returns the step that rank 0 then calls for.
class EvaluatorOfSlice final : public Evaluator {
 public:
  EvaluatorOfSlice(CoordinateSlices& slices, std::function<JointStep()> serve)
      : slices_(slices), serve_(std::move(serve)) {}

  Index dimension() const override { return slices_.mine().size; }
  using Evaluator::close;
  void begin(const Opening&) override { points_ = 0; }
  void submit(Point point) override;
  /// Throws RoundBroken when rank 0's round ended in an error.
  Round close(const Closing& how) override;
  void renew(ConstVectorRef) override {}

 private:
  CoordinateSlices& slices_;
  std::function<JointStep()> serve_;
  std::size_t points_ = 0;
};

/// Rank 0's round ended in an error, of which it tells itself.
struct RoundBroken : Error {
  RoundBroken() : Error(ExitCode::internal, "the round was broken off by rank 0") {}
};

}  // namespace optex
