#include "scaling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace optex {
namespace {

constexpr double small_unit = 0x1p-64;
/// Values that differ by less, relative to their size, are taken for one value that was rounded differently.
constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
/// A mean that is wrong by more of a deviation than this is corrected; less does not show.
constexpr double visible = 1e-6;

double size_of(double smallest, double largest) { return std::max(std::abs(smallest), std::abs(largest)); }

}  // namespace

void Scaling::apply(std::span<double> values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double away = values[i] - mean[i];
    values[i] =
        std::isfinite(away) ? away / deviation[i] : (0.5 * values[i] - 0.5 * mean[i]) / (0.5 * deviation[i]);
  }
}

ScalingSum::ScalingSum(Index features)
    : scaling_{std::vector<double>(static_cast<std::size_t>(features), 0.0),
               std::vector<double>(static_cast<std::size_t>(features), 0.0)},
      features_(static_cast<std::size_t>(features)) {}

void ScalingSum::add_to_mean(std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Feature& feature = features_[i];
    scaling_.mean[i] += values[i];
    feature.small_sum += values[i] * small_unit;
    feature.smallest = samples_ == 0.0 ? values[i] : std::min(feature.smallest, values[i]);
    feature.largest = samples_ == 0.0 ? values[i] : std::max(feature.largest, values[i]);
  }
  samples_ += 1.0;
}

void ScalingSum::end_of_means() {
  for (std::size_t i = 0; i < features_.size(); ++i) {
    Feature& feature = features_[i];
    double& mean = scaling_.mean[i];
    mean = std::isfinite(mean) ? mean / samples_ : feature.small_sum / samples_ / small_unit;
    if (feature.smallest == feature.largest) mean = feature.smallest;
    const double size = size_of(feature.smallest, feature.largest);
    // The values in this unit lie in [-1, 1]; the square of the smallest difference between two of them,
    // about 1e-32, is far from vanishing. Powers of two cost no digit.
    if (size > 0.0) feature.unit = std::ldexp(1.0, std::clamp(std::ilogb(size) + 1, -1022, 1023));
  }
}

void ScalingSum::add_to_deviation(std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Feature& feature = features_[i];
    const double away = values[i] / feature.unit - scaling_.mean[i] / feature.unit;
    scaling_.deviation[i] += away * away;
    feature.rest += away;
  }
}

Scaling ScalingSum::finish() {
  for (std::size_t i = 0; i < features_.size(); ++i) {
    const Feature& feature = features_[i];
    double& deviation = scaling_.deviation[i];
    const double size = size_of(feature.smallest, feature.largest) / feature.unit;
    const double range = feature.largest / feature.unit - feature.smallest / feature.unit;
    if (range <= rounding * size) {
      deviation = 1.0;  // a constant feature becomes 0
      continue;
    }
    const double shift = feature.rest / samples_;
    double variance = deviation / samples_;
    if (std::abs(shift) > visible * std::sqrt(variance)) {
      variance = std::max(0.0, variance - shift * shift);
      scaling_.mean[i] += shift * feature.unit;
    }
    deviation = std::sqrt(variance) * feature.unit;
  }
  return std::move(scaling_);
}

}  // namespace optex
