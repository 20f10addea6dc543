#include "optex/methods/proxy_chain.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/methods/span_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

namespace optex {
namespace {

std::shared_ptr<Vector> copy_of(ConstVectorRef vector) {
  auto copy = std::make_shared<Vector>(vector.size());
  parallel_copy(vector.data(), copy->data(), vector.size());
  return copy;
}

OptimizerState copy_of(const OptimizerState& state) {
  OptimizerState copy{state.step, Matrix(state.moments.rows(), state.moments.cols())};
  parallel_copy(state.moments.data(), copy.moments.data(), state.moments.size());
  return copy;
}

struct Comparison {
  double first, second, distance, product;  ///< |a|, |b|, |a - b|, a'b
};

/// All in one pass.
Comparison compare(const Vector& a, const Vector& b) {
  constexpr Index piece = 8192;  // coordinates
  double sums[4];
  const auto term = [&](Index i, double* out) {
    const Index first = i * piece, size = std::min(piece, a.size() - first);
    const double *const x = a.data() + first, *const y = b.data() + first;
    out[0] = squared_norm(x, size);
    out[1] = squared_norm(y, size);
    out[2] = squared_distance(x, y, size);
    out[3] = dot(x, y, size);
  };
  sum_over_coordinates(a.size(), piece, std::ssize(sums), term, sums);
  return {std::sqrt(sums[0]), std::sqrt(sums[1]), std::sqrt(sums[2]), sums[3]};
}

/// The chain by coefficients; its points, but for the first, stand all at the end.
void walk_in_span(ProxyChain& chain, ConstVectorRef theta, const OptimizerState& state,
                  const Posterior& posterior, const Optimizer& optimizer, bool keep_states,
                  const TakePoint& take) {
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
  }
  std::vector<std::shared_ptr<Vector>> stood;
  chain.predictions.resize(points.size());
  std::vector<SpanWalk::Wanted> wanted;
  for (std::size_t k = 0; k < points.size(); ++k) {
    stood.push_back(std::make_shared<Vector>());
    if (k > 0) wanted.push_back({points[k], true, stood[k].get()});
    wanted.push_back({predictions[k], false, &chain.predictions[k]});
  }
  walk.realise(wanted);
  std::size_t finite = 1;
  for (; finite < points.size() && all_finite(*stood[finite]); ++finite) {
    chain.points.push_back(stood[finite]);
    take(stood[finite]);
  }
  chain.predictions.resize(finite);
  chain.variances.resize(finite);
  if (keep_states) chain.states.resize(finite);
}

}  // namespace

ProxyChain walk_chain(ConstVectorRef theta, const OptimizerState& state,
                      const std::function<const GradientModel*()>& fit, const Optimizer& optimizer,
                      std::vector<Index> depths, bool keep_states, const TakePoint& take) {
  ProxyChain chain;
  chain.depths = std::move(depths);
  if (!all_finite(theta)) return chain;
  const auto hand_out = [&](std::shared_ptr<const Vector> point) {
    chain.points.push_back(point);
    take(std::move(point));
  };
  hand_out(copy_of(theta));
  const GradientModel* const model = fit();
  const Posterior* const posterior = model == nullptr ? nullptr : model->posterior();
  if (posterior != nullptr && SpanWalk::is_possible(optimizer) &&
      SpanWalk::pays(chain.depths.back(), 2 * std::ssize(chain.depths)) &&
      !(keep_states && optimizer.moment_count() > 0)) {
    walk_in_span(chain, theta, state, *posterior, optimizer, keep_states, take);
    return chain;
  }
  OptimizerState z = copy_of(state);
  if (keep_states) chain.states.push_back(z);
  if (model == nullptr) return chain;
  const std::shared_ptr<Vector> y = copy_of(theta);
  const std::unique_ptr<ModelWalk> walk = model->walk(*y, {});
  const BlockMove move = [&](Index first, VectorRef part, VectorRef mean) {
    optimizer.update(z.step, first, part, mean, z.moments);
  };
  for (Index depth = 0;; ++depth) {
    StepRecord record;
    if (depth == chain.depths[chain.predictions.size()]) {
      chain.predictions.emplace_back(y->size());
      chain.variances.push_back(walk->variance());
      record.field = chain.predictions.back().data();
    }
    if (depth == chain.depths.back()) {
      walk->predict(chain.predictions.back());
      break;
    }
    std::shared_ptr<Vector> point;
    if (depth + 1 == chain.depths[chain.points.size()]) {
      point = std::make_shared<Vector>(y->size());
      record.point = point->data();
    }
    ++z.step;
    // Nobody but the report asks for the prediction at the last point: that waits until the point has left.
    const bool finite = walk->advance(move, record, depth + 1 == chain.depths.back());
    if (point == nullptr) continue;
    if (!finite) break;
    hand_out(std::move(point));
    if (keep_states) chain.states.push_back(z);
  }
  return chain;
}

void report_predictions(const ProxyChain& chain, const std::vector<Evaluation>& truth,
                        const std::vector<bool>& usable, IterationReport& report) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  constexpr double tiny = 1e-300;  // no division by 0
  for (std::size_t i = 0; i < chain.points.size(); ++i) report.depths.push_back(chain.depths[i]);
  for (std::size_t i = 0; i < chain.predictions.size(); ++i) {
    if (!usable[i]) {
      report.prediction_error.push_back(unknown);
      report.prediction_cosine.push_back(unknown);
      continue;
    }
    const Comparison found = compare(chain.predictions[i], truth[i].gradient);
    report.prediction_error.push_back(found.distance / (found.second + tiny));
    report.prediction_cosine.push_back(found.product / (found.first * found.second + tiny));
  }
  report.prediction_variance = chain.variances;
}

}  // namespace optex
