#include "optex/methods/proxy_chain.hpp"

#include "optex/core/reductions.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/methods/span_walk.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <utility>

namespace optex {
namespace {

/// The chain by coefficients; its points, but for the first, stand all at the end.
void walk_in_span(ProxyChain& chain, ConstVectorRef theta, const OptimizerState& state,
                  const Posterior& posterior, const Optimizer& optimizer, SampleKey key, bool keep_states,
                  Evaluator& evaluator, double farthest) {
  SpanWalk walk(posterior, optimizer, theta, state);
  std::vector<SpanWalk::Coefficients> points, predictions;
  for (Index depth = 0;; ++depth) {
    if (depth == chain.depths[points.size()]) {
      if (!walk.is_finite()) break;
      points.push_back(walk.offset());
      predictions.push_back(walk.prediction());
      chain.variances.push_back(walk.variance());
      if (keep_states) chain.states.push_back({walk.step_count(), state.moments});
    }
    if (depth == chain.depths.back()) break;
    walk.advance();
    if (std::isfinite(farthest) && !(walk.squared_distance_from_start() <= farthest * farthest)) {
      chain.depths.resize(points.size());
      break;
    }
  }
  chain.points.resize(points.size());
  chain.predictions.resize(points.size());
  std::vector<SpanWalk::Wanted> wanted;
  for (std::size_t k = 0; k < points.size(); ++k) {
    if (k > 0) wanted.push_back({points[k], true, &chain.points[k]});
    wanted.push_back({predictions[k], false, &chain.predictions[k]});
  }
  chain.points.front() = theta;
  walk.realise(wanted);
  std::size_t finite = 1;
  for (; finite < points.size() && all_finite(chain.points[finite]); ++finite) {
    key.point = static_cast<std::int32_t>(finite);
    evaluator.submit(key, chain.points[finite]);
  }
  chain.points.resize(finite);
  chain.predictions.resize(finite);
  chain.variances.resize(finite);
  if (keep_states) chain.states.resize(finite);
}

}  // namespace

ProxyChain walk_chain(ConstVectorRef theta, const OptimizerState& state,
                      const std::function<ChainGuide()>& guide, const Optimizer& optimizer,
                      std::vector<Index> depths, SampleKey key, bool keep_states, Evaluator& evaluator,
                      const Units& units) {
  ProxyChain chain;
  chain.depths = std::move(depths);
  if (!all_finite(theta)) return chain;
  key.point = 0;
  evaluator.submit(key, theta);
  const auto [model, farthest] = guide();
  const Posterior* const posterior = model == nullptr ? nullptr : model->posterior();
  if (posterior != nullptr && SpanWalk::is_possible(*posterior, optimizer) &&
      SpanWalk::pays(chain.depths.back(), 2 * std::ssize(chain.depths)) &&
      !(keep_states && optimizer.moment_count() > 0)) {
    walk_in_span(chain, theta, state, *posterior, optimizer, key, keep_states, evaluator, farthest);
    return chain;
  }
  Vector y = theta;
  OptimizerState z = state;
  const std::unique_ptr<ModelWalk> walk = model == nullptr ? nullptr : model->walk(y, {});
  const BlockMove move = [&](Index first, VectorRef part, VectorRef mean) {
    optimizer.update(z.step, first, part, mean, z.moments);
  };
  for (Index depth = 0;; ++depth) {
    const bool evaluated = depth == chain.depths[chain.points.size()];
    if (evaluated) {
      if (depth > 0) {
        if (!all_finite(y)) break;
        key.point = static_cast<std::int32_t>(chain.points.size());
        evaluator.submit(key, y);
      }
      chain.points.push_back(y);
      if (keep_states) chain.states.push_back(z);
    }
    if (walk == nullptr) break;
    double* mean = nullptr;
    if (evaluated) {
      chain.predictions.emplace_back(y.size());
      chain.variances.push_back(walk->variance());
      mean = chain.predictions.back().data();
    }
    if (depth == chain.depths.back()) {
      walk->predict(chain.predictions.back());
      break;
    }
    ++z.step;
    walk->advance(move, mean);
    if (std::isfinite(farthest) && !(units.squared_distance(y, theta) <= farthest * farthest)) {
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
  Evaluation missing;
  missing.gradients = 0;
  missing.failure = "the proxy point is not finite";
  truth.insert(truth.begin() + std::ssize(chain.points), chain.depths.size() - chain.points.size(), missing);
  return truth;
}

}  // namespace optex
