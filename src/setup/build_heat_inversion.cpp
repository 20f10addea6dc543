#include "optex/objectives/heat_inversion.hpp"
#include "optex/setup/footprint.hpp"

#include "problem_builders.hpp"

namespace optex {

Problem build_heat_inversion(const Config& config) {
  HeatInversionOptions options;
  options.columns = config.integers("problem.cells")[0];
  options.rows = config.integers("problem.cells")[1];
  options.sources = config.integer("problem.sources");
  options.sensors = config.integer("problem.sensors");
  if (config.text("problem.measurements") == "boundary") options.measurements = HeatMeasurements::boundary;
  if (config.text("problem.unknown") == "conductivity") options.unknown = HeatUnknown::conductivity;
  const std::string& regularization = config.text("problem.regularization");
  options.regularization = regularization == "tikhonov" ? Regularization::tikhonov
                           : regularization == "none"   ? Regularization::none
                                                        : Regularization::total_variation;
  options.weight = config.real_if_set("problem.regularization_weight").value_or(0.0);
  options.smoothing = config.real_if_set("problem.smoothing").value_or(1.0);
  options.noise_level = config.real("problem.noise_level");
  options.inclusions = config.integer("problem.inclusions");
  options.contrast = config.real("problem.contrast");
  options.refinement = config.integer("problem.truth_refinement");
  options.shards = config.integer("data.shards");
  options.batch = config.integer("data.batch");
  options.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  refuse_dimension_beyond_memory("problem.cells", options.columns * options.rows);
  auto objective = std::make_unique<HeatInversion>(options);
  const double bytes = objective->bytes();
  return {std::move(objective), {}, {}, bytes};
}

}  // namespace optex
