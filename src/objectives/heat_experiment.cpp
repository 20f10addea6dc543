#include "heat_experiment.hpp"

#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace optex {
namespace {

/// The point at `fraction` of the way up the left edge, along the upper and down the right one.
Place along_edges(double fraction) {
  const double way = 3.0 * fraction;
  if (way < 1.0) return {0.0, way};
  if (way < 2.0) return {way - 1.0, 1.0};
  return {1.0, 3.0 - way};
}

std::vector<Place> places_of_sources(const HeatInversionOptions& options) {
  std::vector<Place> places;
  for (Index s = 0; s < options.sources; ++s) {
    const double n = static_cast<double>(s) + 0.5;
    if (options.measurements == HeatMeasurements::boundary) {
      places.push_back(along_edges(n / static_cast<double>(options.sources)));
    } else {
      // Multiples of 1/g and 1/g^2, g^3 = g + 1, fill the square evenly for any number of them.
      const auto within = [&](double step) { return 0.08 + 0.84 * std::fmod(n * step, 1.0); };
      places.push_back({within(0.7548776662466927), within(0.5698402909980532)});
    }
  }
  return places;
}

std::vector<Place> places_of_sensors(const HeatInversionOptions& options) {
  std::vector<Place> places;
  const auto m = static_cast<double>(options.sensors);
  if (options.measurements == HeatMeasurements::boundary) {
    for (Index s = 0; s < 3 * options.sensors; ++s)
      places.push_back(along_edges((static_cast<double>(s) + 0.5) / (3.0 * m)));
  } else {
    for (Index j = 0; j < options.sensors; ++j)
      for (Index i = 0; i < options.sensors; ++i)
        places.push_back({(static_cast<double>(i) + 0.5) / m, (static_cast<double>(j) + 0.5) / m});
  }
  return places;
}

/// A disc or a square of another conductivity.
struct Inclusion {
  Place centre;
  double radius = 0.0, log_contrast = 0.0;
  bool square = false;

  bool holds(double x, double y) const {
    const double dx = std::abs(x - centre.x), dy = std::abs(y - centre.y);
    return square ? std::max(dx, dy) < 0.85 * radius : dx * dx + dy * dy < radius * radius;
  }
};

/// log k of the truth as a function of the place.
class TrueField {
 public:
  explicit TrueField(const HeatInversionOptions& options) {
    const CounterRandom random(SampleKey{.seed = options.seed}, Stream::synthetic_truth);
    std::uint64_t drawn = 0;
    const auto between = [&](double low, double high) {
      return low + (high - low) * random.uniform(drawn++);
    };
    phase_x_ = between(0.0, 2.0 * std::numbers::pi);
    phase_y_ = between(0.0, 2.0 * std::numbers::pi);
    for (Index k = 0; k < options.inclusions; ++k) {
      Inclusion body;
      // A free place if one is found; after fifty attempts they may overlap.
      for (int attempt = 0; attempt < 50; ++attempt) {
        body.radius = between(0.09, 0.17);
        body.centre = {between(0.2, 0.8), between(0.2, 0.8)};
        const bool is_free = std::none_of(bodies_.begin(), bodies_.end(), [&](const Inclusion& other) {
          return std::hypot(other.centre.x - body.centre.x, other.centre.y - body.centre.y) <
                 other.radius + body.radius + 0.05;
        });
        if (is_free) break;
      }
      body.square = k % 2 == 1;
      body.log_contrast = (k % 2 == 0 ? 1.0 : -1.0) * std::log(options.contrast);
      bodies_.push_back(body);
    }
  }

  double operator()(double x, double y) const {
    double log_conductivity =
        0.25 * std::sin(std::numbers::pi * x + phase_x_) * std::cos(std::numbers::pi * y + phase_y_);
    for (const Inclusion& body : bodies_)
      if (body.holds(x, y)) log_conductivity += body.log_contrast;
    return log_conductivity;
  }

 private:
  double phase_x_ = 0.0, phase_y_ = 0.0;
  std::vector<Inclusion> bodies_;
};

Vector conductivity_on(const CellGrid& grid, const TrueField& field) {
  Vector conductivity(grid.cells());
  for (Index cell = 0; cell < grid.cells(); ++cell)
    conductivity[cell] = std::exp(field(grid.x(cell), grid.y(cell)));
  return conductivity;
}

}  // namespace

Sensor::Sensor(const CellGrid& grid, const Place& place) {
  const auto between = [](double position, Index count, Index& first, double& fraction) {
    const double centre =
        std::clamp(position * static_cast<double>(count) - 0.5, 0.0, static_cast<double>(count - 1));
    first = std::min(static_cast<Index>(centre), std::max<Index>(count - 2, 0));
    fraction = centre - static_cast<double>(first);
  };
  Index i = 0, j = 0;
  double right = 0.0, up = 0.0;
  between(place.x, grid.columns, i, right);
  between(place.y, grid.rows, j, up);
  const Index beside = std::min(i + 1, grid.columns - 1), above = std::min(j + 1, grid.rows - 1);
  cells = {i + grid.columns * j, beside + grid.columns * j, i + grid.columns * above,
           beside + grid.columns * above};
  weights = {(1.0 - right) * (1.0 - up), right * (1.0 - up), (1.0 - right) * up, right * up};
}

double Sensor::read(const Vector& temperature) const {
  double reading = 0.0;
  for (std::size_t k = 0; k < cells.size(); ++k) reading += weights[k] * temperature[cells[k]];
  return reading;
}

void Sensor::spread(double amount, Vector& heat) const {
  for (std::size_t k = 0; k < cells.size(); ++k) heat[cells[k]] += weights[k] * amount;
}

Vector heater(const CellGrid& grid, const Place& place) {
  constexpr double width = 0.04;
  Vector heat(grid.cells());
  // Exponents are taken about the nearest cell: on a coarse grid all of them could underflow.
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    const double dx = grid.x(cell) - place.x, dy = grid.y(cell) - place.y;
    heat[cell] = -0.5 * (dx * dx + dy * dy) / (width * width);
  }
  const double largest = heat.maxCoeff();
  for (Index cell = 0; cell < grid.cells(); ++cell) heat[cell] = std::exp(heat[cell] - largest);
  return heat / sum(heat);
}

HeatExperiment::HeatExperiment(const HeatInversionOptions& options)
    : grid{options.columns, options.rows},
      sources(places_of_sources(options)),
      thermometers(places_of_sensors(options)) {
  for (const Place& place : thermometers) sensors.emplace_back(grid, place);
  const TrueField field(options);
  truth = conductivity_on(grid, field);

  HeatEquation equation(CellGrid{options.refinement * options.columns, options.refinement * options.rows});
  equation.factorise(conductivity_on(equation.grid(), field));
  const auto count = static_cast<Index>(sensors.size());
  measured.resize(count, options.sources);
  for (Index s = 0; s < options.sources; ++s) {
    const Vector temperature = equation.solve(heater(equation.grid(), sources[static_cast<std::size_t>(s)]));
    for (Index m = 0; m < count; ++m)
      measured(m, s) = Sensor(equation.grid(), thermometers[static_cast<std::size_t>(m)]).read(temperature);
  }
  rms = std::sqrt(squared_norm(measured.data(), measured.size()) / static_cast<double>(measured.size()));
  const CounterRandom random(SampleKey{.seed = options.seed}, Stream::synthetic_noise);
  for (Index k = 0; k < measured.size(); ++k) {
    double& reading = measured.data()[k];
    reading = reading / rms + options.noise_level * random.normal(static_cast<std::uint64_t>(k));
  }
}

}  // namespace optex
