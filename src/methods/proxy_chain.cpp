#include "optex/methods/proxy_chain.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace optex {

ProxyChain walk_chain(ConstVectorRef theta, const OptimizerState& state, const GradientModel* model,
                      const Optimizer& optimizer, std::vector<Index> depths, SampleKey key, bool keep_states,
                      Evaluator& evaluator, const std::function<bool(ConstVectorRef)>& leaves) {
  ProxyChain chain;
  chain.depths = std::move(depths);
  Vector y = theta;
  OptimizerState z = state;
  Vector mean(y.size());
  for (Index depth = 0;; ++depth) {
    const bool evaluated = depth == chain.depths[chain.points.size()];
    if (evaluated) {
      if (!all_finite(y)) break;
      key.point = static_cast<std::int32_t>(chain.points.size());
      evaluator.submit(key, y);
      chain.points.push_back(y);
      if (keep_states) chain.states.push_back(z);
    }
    if (model == nullptr) break;
    const double variance = model->predict(y, mean);
    if (evaluated) {
      chain.predictions.push_back(mean);
      chain.variances.push_back(variance);
    }
    if (depth == chain.depths.back()) break;
    optimizer.step(y, mean, z);
    if (leaves && leaves(y)) {
      chain.depths.resize(chain.points.size());
      break;
    }
  }
  return chain;
}

std::vector<double> prediction_errors(const ProxyChain& chain, const std::vector<Evaluation>& truth,
                                      const std::vector<bool>& usable) {
  std::vector<double> errors;
  for (std::size_t i = 0; i < chain.predictions.size(); ++i)
    errors.push_back(usable[i] ? std::sqrt(squared_distance(chain.predictions[i], truth[i].gradient)) /
                                     (norm(truth[i].gradient) + 1e-300)
                               : std::numeric_limits<double>::quiet_NaN());
  return errors;
}

std::vector<Evaluation> collect_truth(const ProxyChain& chain, Evaluator& evaluator) {
  std::vector<Evaluation> truth = evaluator.collect();
  while (truth.size() < chain.depths.size()) {
    Evaluation missing;
    missing.gradients = 0;
    missing.failure = "the proxy point is not finite";
    truth.push_back(std::move(missing));
  }
  return truth;
}

}  // namespace optex
