#include "optex/objectives/heat_inversion.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>
#include <utility>

#include "check_arguments.hpp"
#include "heat_experiment.hpp"
#include "roughness.hpp"

namespace optex {
namespace {

// The factor counts its entries in int.
constexpr Index largest_fine_grid = Index{1} << 24;

void check_positive(const char* key, double value, bool zero_too) {
  if (!std::isfinite(value) || value < 0.0 || (value == 0.0 && !zero_too))
    throw UsageError(fmt::format("{} = {}: must be a {} number", key, value,
                                 zero_too ? "finite, not negative" : "finite positive"));
}

/// Returns the options themselves, so that they are checked before anything is built from them.
const HeatInversionOptions& checked(const HeatInversionOptions& options) {
  if (options.columns < 2 || options.rows < 2)
    throw UsageError(fmt::format("problem.cells = [{}, {}]: at least 2 x 2 cells are needed", options.columns,
                                 options.rows));
  if (options.sources < 1)
    throw UsageError(fmt::format("problem.sources = {}: at least one is needed", options.sources));
  if (options.sensors < 1)
    throw UsageError(fmt::format("problem.sensors = {}: at least one is needed", options.sensors));
  if (options.shards > options.sources)
    throw UsageError(
        fmt::format("data.shards = {} exceeds the {} of problem.sources: some shards would be "
                    "empty",
                    options.shards, options.sources));
  if (options.batch > options.sources)
    throw UsageError(fmt::format("data.batch = {} exceeds the {} of problem.sources; use 0 for all of them",
                                 options.batch, options.sources));
  if (options.inclusions < 0)
    throw UsageError(fmt::format("problem.inclusions = {}: must not be negative", options.inclusions));
  if (options.refinement < 1)
    throw UsageError(fmt::format("problem.truth_refinement = {}: must be at least 1", options.refinement));
  if (options.columns > largest_fine_grid / options.rows / options.refinement / options.refinement)
    throw UsageError(fmt::format(
        "problem.cells = [{}, {}] with problem.truth_refinement = {}: more than {} cells are not supported",
        options.columns, options.rows, options.refinement, largest_fine_grid));
  check_positive("problem.regularization_weight", options.weight, true);
  check_positive("problem.smoothing", options.smoothing, false);
  check_positive("problem.noise_level", options.noise_level, true);
  check_positive("problem.contrast", options.contrast, false);
  return options;
}

}  // namespace

HeatInversion::HeatInversion(const HeatInversionOptions& options)
    : options_(checked(options)),
      sampler_(options.sources, options.shards, options.batch),
      experiment_(std::make_unique<const HeatExperiment>(options)),
      equation_(std::make_unique<HeatEquation>(experiment_->grid)) {}

HeatInversion::~HeatInversion() = default;

double HeatInversion::bytes() const {
  return equation_->bytes() + 8.0 * static_cast<double>(experiment_->measured.size()) +
         8.0 * 3.0 * static_cast<double>(dimension());
}

Vector HeatInversion::initial_point() const {
  return Vector::Constant(dimension(), options_.unknown == HeatUnknown::conductivity ? 1.0 : 0.0);
}

Vector HeatInversion::conductivity_of(ConstVectorRef theta) const {
  if (options_.unknown == HeatUnknown::conductivity) return theta;
  Vector conductivity(theta.size());
  for (Index cell = 0; cell < theta.size(); ++cell) conductivity[cell] = std::exp(theta[cell]);
  return conductivity;
}

/// Called with the mutex held.
void HeatInversion::factorise(ConstVectorRef theta) const {
  if (factorised_.size() == theta.size() && factorised_ == theta) return;
  factorised_.resize(0);
  conductivity_ = conductivity_of(theta);
  equation_->factorise(conductivity_);
  factorised_ = theta;
}

Vector HeatInversion::residuals(Index source, Vector& temperature) const {
  temperature =
      equation_->solve(heater(experiment_->grid, experiment_->sources[static_cast<std::size_t>(source)]));
  const auto& sensors = experiment_->sensors;
  Vector residual(std::ssize(sensors));
  for (Index m = 0; m < residual.size(); ++m)
    residual[m] = sensors[static_cast<std::size_t>(m)].read(temperature) / experiment_->rms -
                  experiment_->measured(m, source);
  return residual;
}

double HeatInversion::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                         VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const std::lock_guard lock(mutex_);
  const Selection selection = sampler_.select(key, shard);
  const auto& sensors = experiment_->sensors;
  const double weight = selection.weight / static_cast<double>(sensors.size());

  gradient.setZero();
  double value = 0.0;
  if (!selection.samples.empty()) factorise(theta);
  Vector temperature;
  for (const Index source : selection.samples) {
    const Vector residual = residuals(source, temperature);
    value += 0.5 * weight * squared_norm(residual);
    // A u = q, so d/dk of the misfit is -a' (dA/dk) u with A a = its derivative with respect to u.
    Vector load = Vector::Zero(dimension());
    for (Index m = 0; m < residual.size(); ++m)
      sensors[static_cast<std::size_t>(m)].spread(weight * residual[m] / experiment_->rms, load);
    equation_->subtract_sensitivity(conductivity_, equation_->solve(load), temperature, gradient);
  }
  if (options_.unknown == HeatUnknown::log_conductivity && !selection.samples.empty())
    for (Index cell = 0; cell < dimension(); ++cell) gradient[cell] *= conductivity_[cell];
  return value + add_roughness(experiment_->grid, options_.regularization,
                               options_.weight * sampler_.share(shard), options_.smoothing, theta, gradient);
}

std::vector<HessianEntry> HeatInversion::known_hessian(ConstVectorRef theta) const {
  return roughness_hessian(experiment_->grid, options_.regularization, options_.weight, options_.smoothing,
                           theta);
}

std::vector<Measure> HeatInversion::assess(ConstVectorRef theta) const {
  const std::lock_guard lock(mutex_);
  factorise(theta);
  const Vector& truth = experiment_->truth;
  double squares = 0.0;
  Vector temperature;
  for (Index source = 0; source < options_.sources; ++source)
    squares += squared_norm(residuals(source, temperature));
  return {{"reconstruction_error", std::sqrt(squared_distance(conductivity_, truth) / squared_norm(truth))},
          {"misfit", std::sqrt(squares / static_cast<double>(experiment_->measured.size()))}};
}

std::vector<Exhibit> HeatInversion::exhibits(ConstVectorRef theta) const {
  const auto places = [](const char* name, const std::vector<Place>& list) {
    Vector coordinates(2 * std::ssize(list));
    for (Index k = 0; k < std::ssize(list); ++k) {
      coordinates[2 * k] = list[static_cast<std::size_t>(k)].x;
      coordinates[2 * k + 1] = list[static_cast<std::size_t>(k)].y;
    }
    return Exhibit{name, std::ssize(list), 2, std::move(coordinates)};
  };
  const Index rows = options_.rows, columns = options_.columns;
  const auto field = [&](const char* name, Vector values, const char* truth) {
    return Exhibit{name, rows, columns, std::move(values), ExhibitKind::field_lower, "", truth};
  };
  return {field("conductivity", conductivity_of(theta), "true_conductivity"),
          field("true_conductivity", experiment_->truth, ""),
          field("start_conductivity", conductivity_of(initial_point()), ""),
          places("sources", experiment_->sources), places("sensors", experiment_->thermometers)};
}

}  // namespace optex
