#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/gradient_model.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/iteration_report.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace optex {

/// The evaluated points of a proxy chain with what was predicted there.
struct ProxyChain {
  std::vector<Index> depths;  ///< evaluated depths, ascending, the first is 0
  /// theta_{t,s} at those depths; fewer if the chain left the finite numbers.
  std::vector<std::shared_ptr<const Vector>> points;
  std::vector<Vector> predictions;     ///< mu(theta_{t,s}); empty without a model
  std::vector<double> variances;       ///< s2(theta_{t,s}); empty without a model
  std::vector<OptimizerState> states;  ///< optimiser state at those points; only if asked for
};

/// Takes a point of a chain as soon as it stands.
using TakePoint = std::function<void(std::shared_ptr<const Vector>)>;

/// Walks theta_{t,s} = FO-OPT(theta_{t,s-1}, mu(theta_{t,s-1})) from theta_{t,0} = theta to the deepest of
/// `depths`, the optimiser state carried along, and hands every point to `take` as soon as it stands. `fit`
/// is asked when the first point has been taken, so that the fit goes on while that is evaluated; without a
/// model (null) `depths` must be {0}. Cost: depths.back() passes over the history, or, for a long chain of a
/// rule that is linear in the gradients, four passes and O(n^2) a step (SpanWalk).
ProxyChain walk_chain(ConstVectorRef theta, const OptimizerState& state,
                      const std::function<const GradientModel*()>& fit, const Optimizer& optimizer,
                      std::vector<Index> depths, bool keep_states, const TakePoint& take);

/// Holds the chain's predictions against the truth: depths, prediction_error (|mu - g| / |g|),
/// prediction_cosine and prediction_variance of the report. Error and cosine are NaN where the truth is not
/// usable.
void report_predictions(const ProxyChain& chain, const std::vector<Evaluation>& truth,
                        const std::vector<bool>& usable, IterationReport& report);

}  // namespace optex
