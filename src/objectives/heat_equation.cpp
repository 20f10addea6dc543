#include "heat_equation.hpp"

#include "optex/core/errors.hpp"

#include <cmath>

#include <fmt/format.h>

namespace optex {

HeatEquation::HeatEquation(const CellGrid& grid) : grid_(grid) {
  factor_.analyzePattern(matrix(Vector::Ones(grid.cells())));
}

double HeatEquation::bytes() const {
  const double entries = static_cast<double>(factor_.nonzeros()) + 4.0 * static_cast<double>(grid_.cells());
  return entries * (sizeof(double) + sizeof(Sparse::StorageIndex));
}

HeatEquation::Sparse HeatEquation::matrix(ConstVectorRef conductivity) const {
  const Index n = grid_.cells();
  Vector diagonal = Vector::Zero(n);
  for (Index i = 0; i < grid_.columns; ++i) diagonal[i] = 2.0 * grid_.above() * conductivity[i];  // cold edge
  Vector right = Vector::Zero(n), upper = Vector::Zero(n);
  for_each_face(grid_, [&](Index cell, Index neighbour, double shape) {
    const double here = conductivity[cell], there = conductivity[neighbour];
    const double conductance = shape * 2.0 * here * (there / (here + there));
    diagonal[cell] += conductance;
    diagonal[neighbour] += conductance;
    (neighbour == cell + 1 && grid_.columns > 1 ? right : upper)[cell] = conductance;
  });
  Sparse lower(n, n);
  lower.reserve(Eigen::VectorXi::Constant(n, 3));
  for (Index cell = 0; cell < n; ++cell) {
    lower.insert(cell, cell) = diagonal[cell];
    if ((cell + 1) % grid_.columns != 0) lower.insert(cell + 1, cell) = -right[cell];
    if (cell + grid_.columns < n) lower.insert(cell + grid_.columns, cell) = -upper[cell];
  }
  lower.makeCompressed();
  return lower;
}

void HeatEquation::factorise(ConstVectorRef conductivity) {
  for (Index cell = 0; cell < grid_.cells(); ++cell)
    if (!(conductivity[cell] > 0.0) || !std::isfinite(conductivity[cell]))
      throw EvaluationError(
          fmt::format("the conductivity of cell {} is {}: it must be positive and finite (problem.lower and "
                      "problem.upper can keep it so)",
                      cell, conductivity[cell]));
  factor_.factorize(matrix(conductivity));
  if (factor_.info() != Eigen::Success)
    throw EvaluationError("the heat equation could not be solved: the conductivities are too far apart");
}

void HeatEquation::subtract_sensitivity(ConstVectorRef conductivity, const Vector& a, const Vector& u,
                                        VectorRef out) const {
  for (Index i = 0; i < grid_.columns; ++i) out[i] -= 2.0 * grid_.above() * a[i] * u[i];
  for_each_face(grid_, [&](Index cell, Index neighbour, double shape) {
    const double here = conductivity[cell], there = conductivity[neighbour];
    const double product = 2.0 * shape * (a[cell] - a[neighbour]) * (u[cell] - u[neighbour]);
    // d/dk_c of 2 k_c k_n / (k_c + k_n) is 2 (k_n / (k_c + k_n))^2.
    const double far = there / (here + there), near = here / (here + there);
    out[cell] -= product * far * far;
    out[neighbour] -= product * near * near;
  });
}

}  // namespace optex
