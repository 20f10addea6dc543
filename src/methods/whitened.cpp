#include "optex/methods/whitened.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/mean_gradient.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Cholesky>

namespace optex {
namespace {

constexpr double warm_up = 3.0;     // r0: rounds in which the average still follows z closely
constexpr Index tile_width = 1024;  // coordinates

/// u minus its projection onto the disagreement of the workers: u -= R'(R R' + mean eigenvalue I)^-1 R u with
/// rows R = ring / D. Works tile by tile, so that R is never stored.
void whiten(const Matrix& ring, const Vector& scale, Vector& u) {
  const Index n = ring.cols();
  const Index d = ring.rows();
  Matrix products = Matrix::Zero(n, n);
  Matrix projections = Matrix::Zero(n, 1);
  Matrix tile;
  const auto load_tile = [&](Index first, Index width) {
    tile = ring.middleRows(first, width).array().colwise() / scale.segment(first, width).array();
  };
  for (Index first = 0; first < d; first += tile_width) {
    const Index width = std::min(tile_width, d - first);
    load_tile(first, width);
    products.noalias() += tile.transpose() * tile;
    projections.noalias() += tile.transpose() * u.segment(first, width);
  }
  const double damping = std::max(products.trace() / static_cast<double>(n), 1e-30);
  const Vector a = (products + damping * Matrix::Identity(n, n)).llt().solve(projections.col(0));
  for (Index first = 0; first < d; first += tile_width) {
    const Index width = std::min(tile_width, d - first);
    load_tile(first, width);
    u.segment(first, width).noalias() -= tile * a;
  }
}

}  // namespace

Whitened::Whitened(Evaluator& evaluator, Options options) : evaluator_(evaluator), options_(options) {
  fix_product_blocking();
}

RunState Whitened::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer.moments = Matrix::Zero(theta.size(), 2);
  run.optimizer.moments.col(0) = run.theta;
  run.ring.resize(theta.size(), 0);
  return run;
}

IterationReport Whitened::iterate(RunState& run) {
  IterationReport report;
  report.update = options_.ring > 0 ? "whitened" : "schedule_free";
  const double beta1 = options_.beta1;
  auto z = run.optimizer.moments.col(0);
  auto v = run.optimizer.moments.col(1);
  Vector y = (1.0 - beta1) * z + beta1 * run.theta;
  options_.bounds.project(y);
  const MeanGradient mean =
      evaluate_mean(evaluator_, y, options_.parallelism, options_.seed, options_.bounds, run, report);

  const Stopwatch watch;
  const double t = static_cast<double>(++run.optimizer.step);
  v = options_.beta2 * v + (1.0 - options_.beta2) * mean.gradient.cwiseAbs2();
  const double correction = 1.0 / (1.0 - std::pow(options_.beta2, t));
  const Vector scale = ((v.array() * correction).sqrt() + options_.epsilon).sqrt();
  Vector u = mean.gradient.cwiseQuotient(scale);
  if (options_.ring > 0 && mean.parts.size() > 1) {
    for (const Vector& gradient : mean.parts) {
      // The ring fills up, then the oldest column is overwritten.
      if (run.ring.cols() < options_.ring) run.ring.conservativeResize(Eigen::NoChange, run.ring.cols() + 1);
      run.ring.col(static_cast<Index>(run.ring_pushes++ % options_.ring)) = gradient - mean.gradient;
    }
    if (run.optimizer.step > 2) whiten(run.ring, scale, u);
  }
  z -= options_.learning_rate * u.cwiseQuotient(scale);
  options_.bounds.project(z);
  run.theta += std::min(1.0, (warm_up + 1.0) / (t + warm_up)) * (z - run.theta);
  options_.bounds.project(run.theta);
  report.iteration = ++run.iteration;
  report.seconds_in.update = watch.seconds();
  return report;
}

}  // namespace optex
