#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace optex {

struct GradientCheckOptions {
  Index directions = 3;     ///< random ones, beside the gradient's own; at least 0
  double tolerance = 1e-5;  ///< relative error of a directional derivative that passes
  Index named = 3;          ///< how many of the worst coordinates are looked for when the gradient is wrong
  std::uint64_t seed = 0;   ///< of the directions
  SampleKey sample = SampleKey::exact();  ///< whose F is checked: of all data, or of one mini-batch
  Bounds bounds = {};                     ///< no evaluation is outside
};

/// v'grad F against (F(theta + h v) - F(theta - h v)) / 2h. v moves no coordinate by more than its size, so h
/// is relative; it goes from large to small.
struct DirectionFinding {
  std::string name;
  double directional = 0.0;         ///< v'grad F
  std::vector<double> steps;        ///< h; those where F has a value on both sides
  std::vector<double> differences;  ///< one for each
  /// What the differences say, extrapolated to h = 0, from the steps up to `chosen`: neither curvature nor
  /// round-off spoils it there. This choice does not know the gradient.
  double difference = 0.0;
  std::size_t chosen = 0;
  double error = 0.0;        ///< |difference - directional| / scale
  double uncertainty = 0.0;  ///< of the difference, relative to the same scale
  bool of_own_sizes = true;  ///< each coordinate moves by its own size, not all by one
};

struct CoordinateFinding {
  Index coordinate = 0;
  double gradient = 0.0;    ///< dF / dtheta_coordinate as the objective says
  double difference = 0.0;  ///< as differences of values say
};

struct GradientFindings {
  double value = std::numeric_limits<double>::quiet_NaN();
  double norm = 0.0;     ///< |grad F|
  double seconds = 0.0;  ///< of the first evaluation
  Index moved = 0;       ///< coordinates that were moved off their bounds: F is looked at on both sides
  std::vector<DirectionFinding> directions;  ///< first the gradient's own, unless the gradient is 0
  std::vector<CoordinateFinding> worst;      ///< when wrong: largest discrepancy first
  Index gradients = 0;                       ///< evaluations in all
  double tolerance = 0.0;
  double precision = 0.0;  ///< relative, of the values, as differences over the smallest steps show it

  /// Above what passes by more than the differences themselves are uncertain. A gradient is computed no more
  /// precisely than the values: with 1e-7 of single precision 1e-3 passes.
  bool is_wrong(const DirectionFinding& direction) const;
  bool right() const;
  double worst_error() const;
  /// The largest uncertainty: above 0.01 or so F is noisy or not smooth here, and the check says little.
  double roughness() const;
  /// When wrong: a factor by which all directional derivatives miss alike; else 0.
  double common_factor() const;
};

/// Compares an objective's exact gradient at theta with differences of its values. The evaluations of a
/// direction are one round, so ranks share them. The scale of an error is the largest of both numbers and
/// |v o grad F|, the size of v'grad F for random signs.
///
/// The size of a coordinate is |theta_i|, or the width of its bounds, or the median of the others; one more
/// direction moves all alike where sizes differ much. Three steps around 1e-4 have to do where all is well;
/// larger and smaller ones follow where differences do not settle, or not to the gradient.
///
/// When a direction is wrong, the worst coordinates are searched for among groups of coordinates that are cut
/// in four again and again: about 8 named log4(d) further evaluations; all coordinates when d <= 64.
///
/// Throws EvaluationError when theta, or every point near it, cannot be evaluated, NumericalError when the
/// numbers there are not finite.
GradientFindings check_gradient(Evaluator& evaluator, ConstVectorRef theta,
                                const GradientCheckOptions& options);

/// A point to look at that is not the start: between the bounds where both are near, else off the start by
/// `distance` times the size of each coordinate, at random; within the bounds.
Vector point_elsewhere(ConstVectorRef start, const Bounds& bounds, std::uint64_t seed, Index number,
                       double distance = 1.0);

}  // namespace optex
