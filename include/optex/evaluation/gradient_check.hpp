#pragma once

#include "optex/evaluation/evaluator.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace optex {

struct GradientCheckOptions {
  Index directions = 3;       ///< random ones, beside the gradient's own; at least 0
  double tolerance = 1e-5;    ///< relative error of a directional derivative that passes
  Index named = 3;            ///< how many of the worst coordinates are looked for when the gradient is wrong
  double rounding = 2.3e-16;  ///< relative precision of the values
  std::uint64_t seed = 0;     ///< of the directions
  SampleKey sample = SampleKey::exact();  ///< whose F is checked: of all data, or of one mini-batch
};

/// v'grad F against (F(theta + h v) - F(theta - h v)) / 2h, |v| = 1, for steps h from large to small.
struct DirectionFinding {
  double directional = 0.0;         ///< v'grad F
  std::vector<double> differences;  ///< one for each step
  /// Where two neighbouring steps agree best: neither curvature nor round-off spoils the difference there.
  /// This choice does not know the gradient.
  std::size_t chosen = 0;
  double error = 0.0;        ///< |difference - directional| / scale at the chosen step
  double uncertainty = 0.0;  ///< what round-off and the neighbouring step say, relative to the same scale

  double difference() const { return differences[chosen]; }
};

struct CoordinateFinding {
  Index coordinate = 0;
  double gradient = 0.0;    ///< dF / dtheta_coordinate as the objective says
  double difference = 0.0;  ///< as differences of values say
};

struct GradientFindings {
  double value = std::numeric_limits<double>::quiet_NaN();
  double norm = 0.0;                         ///< |grad F|
  std::vector<double> steps;                 ///< h, for all directions
  std::vector<DirectionFinding> directions;  ///< first the gradient's own, unless the gradient is 0
  std::vector<CoordinateFinding> worst;      ///< when wrong: largest discrepancy first
  Index gradients = 0;                       ///< evaluations in all
  double tolerance = 0.0;

  /// Above the tolerance by more than the differences themselves are uncertain.
  bool is_wrong(const DirectionFinding& direction) const {
    return !(direction.error <= tolerance + 2.0 * direction.uncertainty);
  }
  bool right() const;
  double worst_error() const;
  /// The largest uncertainty: above 0.01 or so F is noisy or not smooth here, and the check says little.
  double roughness() const;
  /// When wrong: a factor by which all directional derivatives miss alike; else 0.
  double common_factor() const;
};

/// Compares an objective's exact gradient at theta with differences of its values. The evaluations of a
/// direction are one round, so ranks share them. The scale of an error is the largest of both numbers and
/// |grad F|/sqrt(d), the size of v'grad F for a random v.
///
/// When a direction is wrong, the worst coordinates are searched for among groups of coordinates that are cut
/// in four again and again: about 8 named log4(d) further evaluations; all coordinates when d <= 64.
///
/// Throws EvaluationError when an evaluation fails, NumericalError when it is not finite.
GradientFindings check_gradient(Evaluator& evaluator, ConstVectorRef theta,
                                const GradientCheckOptions& options);

}  // namespace optex
