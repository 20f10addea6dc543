#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/iteration_report.hpp"
#include "optex/methods/run_state.hpp"

#include <functional>
#include <vector>

namespace optex {

/// A round of the evaluator with a single point; its times are added to those of the report.
std::vector<Evaluation> evaluate_one(Evaluator& evaluator, const SampleKey& key, ConstVectorRef theta,
                                     IterationReport& report);

enum class Needed {
  first,  ///< the iterate comes first
  any,    ///< one will do
  none,
};

/// Which evaluations may enter the mathematics. Throws when one that is needed may not: EvaluationError when
/// the first one failed, NumericalError when it is not finite.
std::vector<bool> usable_truth(const std::vector<Evaluation>& truth, const RunState& run,
                               Needed needed = Needed::first);

/// Where the evaluations of a round were made, in their order.
using PointOf = std::function<Eigen::Ref<const Vector>(std::size_t)>;

/// Books a round's evaluations into run and report: counts, the value and the norm of the (projected)
/// gradient at the iterate (the first evaluation), the best point.
void record_truth(const std::vector<Evaluation>& truth, const std::vector<bool>& usable,
                  const PointOf& point_of, const Bounds& bounds, RunState& run, IterationReport& report);

}  // namespace optex
