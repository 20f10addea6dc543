#include "optex/objectives/heat_inversion.hpp"
#include "optex/setup/footprint.hpp"

#include "key_tables.hpp"
#include "problem_builders.hpp"

namespace optex {

std::vector<Key> heat_inversion_keys() {
  const Condition heat{"problem.name", {"heat_inversion"}};

  return {
      {.section = "problem",
       .name = "cells",
       .kind = Kind::integer_list,
       .defaults = {{"[64, 64]"}},
       .range = {.min = 2.0, .max = 65536.0},
       .applies = {heat},
       .help = "columns and rows of the grid; each cell has an unknown"},
      {.section = "problem",
       .name = "unknown",
       .kind = Kind::choice,
       .defaults = {{"log_conductivity"}},
       .choices = {"log_conductivity", "conductivity"},
       .applies = {heat},
       .help = "what theta holds; the conductivity itself needs problem.lower > 0"},
      {.section = "problem",
       .name = "measurements",
       .kind = Kind::choice,
       .defaults = {{"interior"}},
       .choices = {"interior", "boundary"},
       .applies = {heat},
       .help = "where heaters and sensors are: inside, or on the three insulated edges"},
      {.section = "problem",
       .name = "sources",
       .kind = Kind::integer,
       .defaults = {{"16"}},
       .range = {.min = 1.0, .max = 1e6},
       .applies = {heat},
       .help = "experiments, each with another heater; data.shards divides them among ranks"},
      {.section = "problem",
       .name = "sensors",
       .kind = Kind::integer,
       .defaults = {{"10"}},
       .range = {.min = 1.0, .max = 1e4},
       .applies = {heat},
       .help = "so many times so many inside, or so many on each edge"},
      {.section = "problem",
       .name = "noise_level",
       .kind = Kind::real,
       .defaults = {{"0.01"}},
       .range = not_negative,
       .applies = {heat},
       .help = "of the measurements, over their rms; the gradient stays exact"},
      {.section = "problem",
       .name = "inclusions",
       .kind = Kind::integer,
       .defaults = {{"3"}},
       .range = {.min = 0.0, .max = 100.0},
       .applies = {heat},
       .help = "discs and squares in the true field, placed by run.seed"},
      {.section = "problem",
       .name = "contrast",
       .kind = Kind::real,
       .defaults = {{"4"}},
       .range = positive,
       .applies = {heat},
       .help = "their conductivity over, or under, that around them"},
      {.section = "problem",
       .name = "truth_refinement",
       .kind = Kind::integer,
       .defaults = {{"2"}},
       .range = {.min = 1.0, .max = 16.0},
       .applies = {heat},
       .help = "the measurements come from a grid so many times finer"},
      {.section = "problem",
       .name = "regularization",
       .kind = Kind::choice,
       .defaults = {{"total_variation"}},
       .choices = {"total_variation", "tikhonov", "none"},
       .applies = {heat},
       .help = "smoothed total variation keeps edges, tikhonov (squared slopes) smooths them"},
      {.section = "problem",
       .name = "regularization_weight",
       .kind = Kind::real,
       .defaults = {{"3e-6"}},
       .range = not_negative,
       .applies = {{"problem.regularization", {"total_variation", "tikhonov"}}},
       .help = "its weight in F"},
      {.section = "problem",
       .name = "smoothing",
       .kind = Kind::real,
       .defaults = {{"1"}},
       .range = positive,
       .applies = {{"problem.regularization", {"total_variation"}}},
       .help = "slopes below it count as smooth"},
  };
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
