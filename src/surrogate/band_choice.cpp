#include "optex/surrogate/band_choice.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace optex {
namespace {

constexpr double above_zero = 1e-300;
constexpr double needed_gain = 0.3;  // of the squared error, for a band to be used
constexpr double smoothing = 0.7;    // of the smoothed logarithm
constexpr double cost_of_width = 0.1;

double length_of(const PairMemory& pairs, Index i) {
  return std::sqrt(std::max(pairs.squared_step(i), 0.0)) + above_zero;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

}  // namespace

WeightedPairs nearest_pairs(const PairMemory& pairs, Index among, const Vector& squared_distances,
                            Index count) {
  const Vector distances = squared_distances.head(among).cwiseSqrt();
  std::vector<Index> nearest(static_cast<std::size_t>(among));
  std::iota(nearest.begin(), nearest.end(), Index{0});
  std::stable_sort(nearest.begin(), nearest.end(),
                   [&](Index i, Index j) { return distances[i] < distances[j]; });
  nearest.resize(static_cast<std::size_t>(std::min(among, count)));
  std::sort(nearest.begin(), nearest.end());
  std::vector<double> chosen;
  for (const Index i : nearest) chosen.push_back(distances[i]);
  const double scale = median(chosen) + above_zero;
  WeightedPairs weighted;
  weighted.places = nearest;
  for (const Index i : nearest) {
    weighted.steps.push_back(pairs.steps().row(i).data());
    weighted.changes.push_back(pairs.changes().row(i).data());
    weighted.weights.push_back(1.0 / (distances[i] / scale + 0.1) / length_of(pairs, i));
  }
  return weighted;
}

void choose_band(const PairMemory& pairs, Index newcomers, ConstVectorRef centre, Index count,
                 BandChoice& choice) {
  const Index n = pairs.size();
  const Index older = n - newcomers;
  if (newcomers < 1 || older < 2) return;
  if (choice.errors.size() == 0)
    choice.errors = Vector::Constant(1 + std::ssize(band_widths), std::numeric_limits<double>::quiet_NaN());
  const WeightedPairs near = nearest_pairs(pairs, older, pairs.squared_distances_to(centre), count);
  WeightedPairs fresh;
  for (Index i = older; i < n; ++i) {
    fresh.steps.push_back(pairs.steps().row(i).data());
    fresh.changes.push_back(pairs.changes().row(i).data());
    fresh.weights.push_back(1.0 / length_of(pairs, i));
  }
  const PairProducts& products = pairs.products();
  // Without a band: the mean Rayleigh quotient of the same older pairs.
  double quotient = 0.0;
  for (std::size_t k = 0; k < near.steps.size(); ++k) {
    const Index i = near.places[k];
    const double length = length_of(pairs, i);
    quotient += products.step_change(i, i) / (length * length);
  }
  quotient /= static_cast<double>(near.steps.size());
  double plain = 0.0;
  for (Index i = older; i < n; ++i) {
    const double length = length_of(pairs, i);
    const double error = products.change_change(i, i) - 2.0 * quotient * products.step_change(i, i) +
                         quotient * quotient * products.step_step(i, i);
    plain += std::max(error, 0.0) / (length * length);
  }
  const auto note = [&](Index place, double error) {
    const double logarithm = std::log(error + above_zero);
    double& smooth = choice.errors[place];
    smooth = std::isnan(smooth) ? logarithm : smoothing * smooth + (1.0 - smoothing) * logarithm;
  };
  note(0, plain);
  const BandSums sums(near, pairs.dimension());
  Index best = 0;
  double best_score = choice.errors[0] - cost_of_width;
  for (std::size_t k = 0; k < band_widths.size(); ++k) {
    const Index width = band_widths[k];
    if (std::ssize(near.steps) < 2 * width + 2 || 4 * width >= pairs.dimension()) continue;
    const auto place = static_cast<Index>(k) + 1;
    note(place, squared_error(sums.hessian(width), fresh));
    const double score = choice.errors[place] + cost_of_width * static_cast<double>(width);
    if (score < best_score) {
      best = place;
      best_score = score;
    }
  }
  const bool wins = best > 0 && choice.errors[best] < choice.errors[0] + std::log(needed_gain);
  choice.width = wins ? band_widths[static_cast<std::size_t>(best - 1)] : -1;
}

std::optional<BandScale> band_scale_at(const PairMemory& pairs, ConstVectorRef centre, Index count,
                                       const BandChoice& choice) {
  if (choice.width < 0) return std::nullopt;
  constexpr double least = 1e-3;  // of the mean curvature
  const WeightedPairs near = nearest_pairs(pairs, pairs.size(), pairs.squared_distances_to(centre), count);
  double mixed = 0.0;
  double square = 0.0;
  for (std::size_t k = 0; k < near.steps.size(); ++k) {
    const Index i = near.places[k];
    const double weight = near.weights[k] * near.weights[k];
    mixed += weight * pairs.products().step_change(i, i);
    square += weight * pairs.products().step_step(i, i);
  }
  const Matrix hessian = BandSums(near, pairs.dimension()).hessian(choice.width);
  const double floor = least * std::abs(mixed / square);
  if (!hessian.allFinite() || !(floor > 0.0)) return std::nullopt;
  return BandScale(hessian, floor);
}

}  // namespace optex
