#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/units.hpp"
#include "optex/evaluation/recording_evaluator.hpp"
#include "optex/methods/method.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace optex {

/// Any method, going on where it would have to end: at an iterate that cannot be evaluated (failed,
/// infeasible, not finite). Such an iterate is dropped:
///
/// * for the best point that the same round did evaluate, when F there is not above that of the last good
///   iterate;
/// * else for the point halfway back to the last good iterate; failing again halves the way again;
/// * a method whose theta cannot be set from outside (Method::theta_is_free) stays where it is, and draws
///   other mini-batches in the next round.
///
/// What the round did evaluate enters the history. The optimiser's state stays as it is. Good iterates are
/// kept in RunState::good_theta, so that a resumed run goes back to the same one. Cost: one copy of
/// the points of a round.
class Forgiving final : public Method {
 public:
  using Builder = std::function<std::unique_ptr<Method>(Evaluator&)>;
  struct Options {
    std::int64_t drops = 10;  ///< so many iterates in a row may be dropped
    Bounds bounds = {};       ///< those of the method
    Units units = {};         ///< in which its history is stored
  };

  /// The evaluator must outlive this object.
  Forgiving(Evaluator& evaluator, Options options, const Builder& build)
      : evaluator_(evaluator), method_(build(evaluator_)), options_(std::move(options)) {}

  RunState initial_state(ConstVectorRef theta) const override { return method_->initial_state(theta); }
  /// Throws what the method throws when there is nowhere to go back to (in the first round), and when too
  /// many iterates in a row had to be dropped.
  IterationReport iterate(RunState& run) override;
  std::optional<Ending> finished(const RunState& run) const override { return method_->finished(run); }
  bool theta_is_free(const RunState& run) const override { return method_->theta_is_free(run); }
  bool stands_at_best(const RunState& run) const override { return method_->stands_at_best(run); }

 private:
  IterationReport drop(RunState& run, const Error& cause) const;

  RecordingEvaluator evaluator_;
  std::unique_ptr<Method> method_;
  Options options_;
};

}  // namespace optex
