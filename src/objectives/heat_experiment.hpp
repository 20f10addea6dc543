#pragma once

#include "optex/objectives/heat_inversion.hpp"

#include <array>
#include <vector>

#include "heat_equation.hpp"

namespace optex {

struct Place {
  double x = 0.0, y = 0.0;
};

/// A thermometer: linear between the centres of the four cells about it, constant beyond the outermost ones.
struct Sensor {
  std::array<Index, 4> cells{};
  std::array<double, 4> weights{};

  Sensor(const CellGrid& grid, const Place& place);
  double read(const Vector& temperature) const;
  /// The transpose of read().
  void spread(double amount, Vector& heat) const;
};

/// Heat of power 1 about a place: a Gaussian of width 0.04, normalised on this grid.
Vector heater(const CellGrid& grid, const Place& place);

/// The synthetic truth and what was measured of it.
struct HeatExperiment {
  explicit HeatExperiment(const HeatInversionOptions& options);

  CellGrid grid;  ///< of the unknown
  std::vector<Place> sources, thermometers;
  std::vector<Sensor> sensors;  ///< the thermometers on the grid
  Matrix measured;              ///< sensors x sources, with noise, over the rms of the exact ones
  double rms = 1.0;             ///< of the exact measurements
  Vector truth;                 ///< true conductivity at the centres of the cells
};

}  // namespace optex
