#include "optex/objectives/heat_inversion.hpp"
#include "optex/setup/footprint.hpp"

#include "key_tables.hpp"
#include "problem_builders.hpp"

namespace optex {

std::vector<Key> heat_inversion_keys() {
  const std::vector<Key> keys = {
      integer_list_key("cells", "[64, 64]", between(2.0, 65536.0),
                       "columns and rows of the grid; each cell has an unknown"),
      choice_key("unknown", "log_conductivity", {"log_conductivity", "conductivity"},
                 "what theta holds; the conductivity itself needs problem.lower > 0"),
      choice_key("measurements", "interior", {"interior", "boundary"},
                 "where heaters and sensors are: inside, or on the three insulated edges"),
      integer_key("sources", "16", between(1.0, 1e6),
                  "experiments, each with another heater; data.shards divides them among ranks"),
      integer_key("sensors", "10", between(1.0, 1e4),
                  "so many times so many inside, or so many on each edge"),
      real_key("noise_level", "0.01", not_negative,
               "of the measurements, over their rms; the gradient stays exact"),
      integer_key("inclusions", "3", between(0.0, 100.0),
                  "discs and squares in the true field, placed by run.seed"),
      real_key("contrast", "4", positive, "their conductivity over, or under, that around them"),
      integer_key("truth_refinement", "2", between(1.0, 16.0),
                  "the measurements come from a grid so many times finer"),
      choice_key("regularization", "total_variation", {"total_variation", "tikhonov", "none"},
                 "smoothed total variation keeps edges, tikhonov (squared slopes) smooths them"),
  };
  const std::vector<Key> of_regularization = {
      real_key("regularization_weight", "3e-6", not_negative, "its weight in F",
               {{"problem.regularization", {"total_variation", "tikhonov"}}}),
      real_key("smoothing", "1", positive, "slopes below it count as smooth",
               {{"problem.regularization", {"total_variation"}}}),
  };
  return joined({keys_of("problem", keys, {{"problem.name", {"heat_inversion"}}}),
                 keys_of("problem", of_regularization)});
}

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
