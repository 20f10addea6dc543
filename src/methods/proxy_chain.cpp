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

void report_predictions(const ProxyChain& chain, const std::vector<Evaluation>& truth,
                        const std::vector<bool>& usable, IterationReport& report) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  constexpr double tiny = 1e-300;  // no division by 0
  for (std::size_t i = 0; i < chain.points.size(); ++i) report.depths.push_back(chain.depths[i]);
  for (std::size_t i = 0; i < chain.predictions.size(); ++i) {
    const Vector& mean = chain.predictions[i];
    const Vector& gradient = truth[i].gradient;
    const double length = usable[i] ? norm(gradient) : unknown;
    report.prediction_error.push_back(
        usable[i] ? std::sqrt(squared_distance(mean, gradient)) / (length + tiny) : unknown);
    report.prediction_cosine.push_back(usable[i] ? dot(mean, gradient) / (norm(mean) * length + tiny)
                                                 : unknown);
  }
  report.prediction_variance = chain.variances;
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
