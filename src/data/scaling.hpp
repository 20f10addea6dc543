#pragma once

#include "optex/core/types.hpp"

#include <span>
#include <vector>

namespace optex {

/// Mean and deviation of each feature; empty where features stay as they are.
struct Scaling {
  std::vector<double> mean, deviation;

  bool none() const { return mean.empty(); }
  /// One sample, in place.
  void apply(std::span<double> values) const;
};

/// Adds up mean, then deviation, in the order of the samples: the same digits whoever goes through them. Both
/// are right wherever they are doubles themselves: sums and squares neither overflow nor vanish, the mean is
/// corrected where rounding has moved it, and a feature that is constant up to rounding is told from one that
/// varies.
class ScalingSum {
 public:
  explicit ScalingSum(Index features);
  void add_to_mean(std::span<const double> values);
  void add_to_deviation(std::span<const double> values);  ///< after end_of_means()
  void end_of_means();
  Scaling finish();

 private:
  /// What is known of a feature.
  struct Feature {
    double smallest = 0.0, largest = 0.0;
    double small_sum = 0.0;  ///< of the values times small_unit: for those whose plain sum overflows
    double unit = 1.0;       ///< a power of two that the deviations are measured in
    double rest = 0.0;       ///< sum of the deviations, 0 but for rounding
  };

  Scaling scaling_;
  std::vector<Feature> features_;
  double samples_ = 0.0;
};

}  // namespace optex
