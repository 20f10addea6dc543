#pragma once

#include "optex/estimation/gaussian_process.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/optimizers/adam.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "read_bandwidth.hpp"

namespace optex::bench {

/// What is measured together: one history.
struct SceneSize {
  Index dimension = 0, history = 0;
  Precision precision = Precision::f64;

  friend bool operator==(const SceneSize&, const SceneSize&) = default;
};

std::string to_text(Precision precision);

/// Bytes that the rows of a scene with at most `points` points need at once, by formula.
double bytes_needed(const SceneSize& size, Index points);
/// Bytes that this machine can give now.
double bytes_available();

/// d numbers in (-1, 1) that no prefetcher can guess: a hash of the index (SplitMix64).
Vector noise(Index d, std::uint64_t seed);

/// A full history of noise with a model of it, and a point to start from.
struct Scene {
  explicit Scene(const SceneSize& size);

  /// Bytes of one pass over the history: T0 d (bytes of a theta + bytes of a gradient).
  double pass() const;
  /// Bytes of a vector of length d.
  double row() const { return 8.0 * static_cast<double>(size.dimension); }
  /// What a step of Adam reads and writes besides the history: theta and two moments, both ways.
  double optimizer_bytes() const { return 6.0 * row(); }

  SceneSize size;
  ReadBandwidth bandwidth;
  Adam adam;
  GaussianProcess estimator;
  GradientHistory history;
  std::unique_ptr<GradientModel> model;
  Vector theta;
  OptimizerState state;
};

/// Takes points and throws them away, as an evaluator with workers at hand would send them.
class Taker final : public Evaluator {
 public:
  explicit Taker(Index d) : point_(Vector::Zero(d)) {}
  Index dimension() const override { return point_.size(); }
  void begin(const Opening&) override {}
  void submit(Point point) override { point_ = *point.theta; }
  Round close(const Closing&) override { return {std::move(answers)}; }
  void renew(ConstVectorRef) override {}

  std::vector<Evaluation> answers;  ///< what the next close() hands out

 private:
  Vector point_;
};

}  // namespace optex::bench
