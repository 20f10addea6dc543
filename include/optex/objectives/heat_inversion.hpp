#pragma once

#include "optex/data/batch_sampler.hpp"
#include "optex/objectives/objective.hpp"

#include <cstdint>
#include <memory>
#include <mutex>

namespace optex {

class HeatEquation;
struct HeatExperiment;

enum class HeatMeasurements {
  interior,  ///< heaters and sensors inside the square
  boundary,  ///< heaters and sensors on its three insulated edges
};

enum class HeatUnknown {
  log_conductivity,  ///< theta = log k: any theta is possible
  conductivity,      ///< theta = k: bounds must keep it positive
};

enum class Regularization { none, tikhonov, total_variation };

struct HeatInversionOptions {
  Index columns = 64, rows = 64;  ///< cells of the unknown field
  Index sources = 16;             ///< experiments: in each another heater is on
  Index sensors = 10;             ///< interior: sensors x sensors of them; boundary: so many on each edge
  HeatMeasurements measurements = HeatMeasurements::interior;
  HeatUnknown unknown = HeatUnknown::log_conductivity;
  Regularization regularization = Regularization::total_variation;
  double weight = 3e-6;       ///< of the regularisation
  double smoothing = 1.0;     ///< total_variation: slopes below it are smoothed, in theta a unit of length
  double noise_level = 0.01;  ///< standard deviation of the noise over the rms of all measurements
  Index inclusions = 3;       ///< bodies in the true field
  double contrast = 4.0;      ///< their conductivity over, or under, that around them
  Index refinement = 2;       ///< the measurements are made on a grid so many times finer
  Index shards = 1;           ///< of the experiments
  Index batch = 0;            ///< experiments a gradient, drawn from all of them; 0: all
  std::uint64_t seed = 0;     ///< of the true field and the noise
};

/// Which conductivity explains the temperatures that were measured? On the unit square -div(k grad u) = q, u
/// = 0 on the lower edge, the others insulated; each experiment has its own heater q (power 1) and is
/// measured by all sensors:
///   F = 1/2 mean over experiments and sensors of ((u - measured) / rms)^2 + weight * R(theta),
/// with rms that of all exact measurements and R as in roughness.hpp. theta holds log k or k of the cells,
/// row by row from the lower left; the start is k = 1 everywhere.
///
/// The measurements are synthetic: a smooth background with discs and squares of another conductivity, a
/// function of the seed, solved on a finer grid (so that the model never fits its own error) with noise.
/// Shard j holds the experiments of its range and their share of R, so sum_j F_j = F for any sizes.
///
/// The gradient is exact (adjoint): one sparse factorisation a theta, which is kept for the next shard of the
/// same theta, and two triangular solves an experiment. One evaluation at a time in a process.
class HeatInversion final : public Objective {
 public:
  /// Throws UsageError when an option does not fit.
  explicit HeatInversion(const HeatInversionOptions& options);
  ~HeatInversion() override;

  Index dimension() const override { return options_.columns * options_.rows; }
  Index shard_count() const override { return sampler_.shard_count(); }
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override { return sampler_.is_random(); }
  /// That of weight * R.
  std::vector<HessianEntry> known_hessian(ConstVectorRef theta) const override;

  /// reconstruction_error, |k - true k| / |true k|, and misfit, the rms of the residuals over that of the
  /// exact measurements: at best the noise level.
  std::vector<Measure> assess(ConstVectorRef theta) const override;

  /// conductivity, true_conductivity, start_conductivity (rows x columns), sources and sensors (x, y).
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override;

  /// Memory of factor and measurements.
  double bytes() const;

 private:
  Vector conductivity_of(ConstVectorRef theta) const;
  /// Residuals of one experiment over the rms, one a sensor; `temperature` becomes its solution.
  Vector residuals(Index source, Vector& temperature) const;
  void factorise(ConstVectorRef theta) const;

  HeatInversionOptions options_;
  BatchSampler sampler_;
  std::unique_ptr<const HeatExperiment> experiment_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<HeatEquation> equation_;
  mutable Vector factorised_;    // theta of the factor; empty when there is none
  mutable Vector conductivity_;  // of that theta
};

}  // namespace optex
