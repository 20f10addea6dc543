#include "roughness.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>

namespace optex {
namespace {

double add_tikhonov(const CellGrid& grid, double weight, ConstVectorRef field, VectorRef gradient) {
  Vector terms = Vector::Zero(grid.cells());
  for_each_face(grid, [&](Index cell, Index neighbour, double shape) {
    const double difference = field[neighbour] - field[cell];
    terms[cell] += 0.5 * weight * shape * difference * difference;
    gradient[neighbour] += weight * shape * difference;
    gradient[cell] -= weight * shape * difference;
  });
  return sum(terms);
}

double add_total_variation(const CellGrid& grid, double weight, double smoothing, ConstVectorRef field,
                           VectorRef gradient) {
  Vector terms(grid.cells());
  const double area = grid.width() * grid.height();
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    const bool has_right = (cell + 1) % grid.columns != 0;
    const bool has_upper = cell + grid.columns < grid.cells();
    const double dx = has_right ? (field[cell + 1] - field[cell]) / grid.width() : 0.0;
    const double dy = has_upper ? (field[cell + grid.columns] - field[cell]) / grid.height() : 0.0;
    const double length = std::sqrt(dx * dx + dy * dy + smoothing * smoothing);
    terms[cell] = weight * area * (length - smoothing);
    const double along_x = weight * area * dx / (length * grid.width());
    const double along_y = weight * area * dy / (length * grid.height());
    if (has_right) gradient[cell + 1] += along_x;
    if (has_upper) gradient[cell + grid.columns] += along_y;
    gradient[cell] -= along_x + along_y;
  }
  return sum(terms);
}

}  // namespace

double add_roughness(const CellGrid& grid, Regularization kind, double weight, double smoothing,
                     ConstVectorRef field, VectorRef gradient) {
  switch (kind) {
    case Regularization::none:
      return 0.0;
    case Regularization::tikhonov:
      return add_tikhonov(grid, weight, field, gradient);
    case Regularization::total_variation:
      return add_total_variation(grid, weight, smoothing, field, gradient);
  }
  return 0.0;
}

}  // namespace optex
