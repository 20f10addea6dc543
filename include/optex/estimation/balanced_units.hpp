#pragma once

#include "optex/core/units.hpp"
#include "optex/estimation/gradient_history.hpp"

namespace optex {

/// Length units in which thetas and gradients of a history vary equally much in every coordinate c, compared
/// with the other coordinates: with x_i = theta_i - theta_n and r_i = g_i - g_n about the newest entry n,
///   scale_c ~ (sum_i x_ic^2 / |x_i|^2 / sum_i r_ic^2 / |x_i|^2)^(1/4),
/// both sums raised by 1e-3 of their mean over the coordinates. On a quadratic with diagonal Hessian H this
/// is H^(-1/2), in which its Hessian is the identity; where coordinates have scales of their own it is what
/// Jacobi preconditioning would do, learnt from the gradients alone. The geometric mean of the scale is 1,
/// and no unit is more than 100 times that or less than a hundredth. No units (all ones) when the history
/// shows no change. Cost: one pass over the history.
Units balanced_units(const GradientHistory& history);

}  // namespace optex
