#pragma once

#include "optex/objectives/heat_inversion.hpp"

#include <vector>

#include "heat_equation.hpp"

namespace optex {

/// Returns weight * R(field) and adds its derivative to `gradient`; both have one number a cell.
///   tikhonov         R = 1/2 integral of |grad field|^2
///   total_variation  R = integral of sqrt(|grad field|^2 + smoothing^2) - smoothing
/// Fields have no slope across the edges of the square.
double add_roughness(const CellGrid& grid, Regularization kind, double weight, double smoothing,
                     ConstVectorRef field, VectorRef gradient);

/// The Hessian of weight * R at `field`: seven entries a row at most.
std::vector<HessianEntry> roughness_hessian(const CellGrid& grid, Regularization kind, double weight,
                                            double smoothing, ConstVectorRef field);

}  // namespace optex
