#include "roughness.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>
#include <vector>

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

std::vector<HessianEntry> tikhonov_hessian(const CellGrid& grid, double weight) {
  std::vector<HessianEntry> entries;
  for_each_face(grid, [&](Index cell, Index neighbour, double shape) {
    entries.push_back({cell, cell, weight * shape});
    entries.push_back({neighbour, neighbour, weight * shape});
    entries.push_back({neighbour, cell, -weight * shape});
  });
  return entries;
}

/// Of a cell's term, area * length: area (I / length - s s' / length^3) in its slopes s, which are linear in
/// the fields of the cell, its right and its upper neighbour.
std::vector<HessianEntry> total_variation_hessian(const CellGrid& grid, double weight, double smoothing,
                                                  ConstVectorRef field) {
  struct Corner {
    Index cell;
    Eigen::Vector2d slopes;  // derivatives of the slopes by its field
  };
  std::vector<HessianEntry> entries;
  const double by_x = 1.0 / grid.width(), by_y = 1.0 / grid.height();
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    const Index right = cell + 1, upper = cell + grid.columns;
    std::vector<Corner> corners = {{cell, {0.0, 0.0}}};
    if (right % grid.columns != 0) corners.push_back({right, {by_x, 0.0}});
    if (upper < grid.cells()) corners.push_back({upper, {0.0, by_y}});
    Eigen::Vector2d slopes(0.0, 0.0);
    for (std::size_t k = 1; k < corners.size(); ++k) {
      corners[0].slopes -= corners[k].slopes;
      slopes += corners[k].slopes * (field[corners[k].cell] - field[cell]);
    }
    const double length = std::sqrt(slopes.squaredNorm() + smoothing * smoothing);
    const Eigen::Vector2d along = slopes / length;
    const double scale = weight * grid.width() * grid.height() / length;
    for (const Corner& a : corners)
      for (const Corner& b : corners)
        if (a.cell >= b.cell)
          entries.push_back(
              {a.cell, b.cell, scale * (a.slopes.dot(b.slopes) - a.slopes.dot(along) * b.slopes.dot(along))});
  }
  return entries;
}

}  // namespace

std::vector<HessianEntry> roughness_hessian(const CellGrid& grid, Regularization kind, double weight,
                                            double smoothing, ConstVectorRef field) {
  switch (kind) {
    case Regularization::none:
      return {};
    case Regularization::tikhonov:
      return tikhonov_hessian(grid, weight);
    case Regularization::total_variation:
      return total_variation_hessian(grid, weight, smoothing, field);
  }
  return {};
}

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
