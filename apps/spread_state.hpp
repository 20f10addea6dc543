#pragma once

#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/evaluation/sliced_evaluator.hpp"
#include "optex/methods/sliced.hpp"

#include <memory>
#include <optional>

#include "ranks.hpp"
#include "scene.hpp"

/// parallel.spread_history: every rank holds a slice of the history and of all that goes with it.
namespace optex::app {

/// All ranks together, once the problem is known: forms the ranks that hold slices, if the configuration asks
/// for it and there are several of them.
void spread_state(Ranks& ranks, const Scene& scene);

/// Rank 0's method on all of them.
class SpreadMethod {
 public:
  /// `evaluator` (of whole points) and the ranks must outlive this object.
  SpreadMethod(const Config& config, CoordinateSlices& slices, Evaluator& evaluator);

  Method& method() { return *method_; }
  /// The state in a checkpoint that was found, dealt out.
  RunState restore(const FoundCheckpoint& found, const Expectation& expected);
  /// The whole of theta, average, best_theta or good_theta of `run`.
  Vector whole(const RunState& run, const Vector& member);

 private:
  CoordinateSlices& slices_;
  SlicedEvaluator evaluator_;
  std::optional<SlicedMethod> method_;
};

/// The other ranks that hold a slice: evaluate and take their part in every step until the run is over.
void serve_with_slice(Ranks& ranks, const Scene& scene);

}  // namespace optex::app
