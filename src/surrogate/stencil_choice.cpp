#include "optex/surrogate/stencil_choice.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/surrogate/stencil_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <sstream>
#include <utility>
#include <vector>

#include "coordinate_sample.hpp"

namespace optex {
namespace {

constexpr double above_zero = 1e-300;
constexpr std::array<Index, 4> band_widths = {0, 1, 2, 4};
constexpr double needed_gain = 0.3;     // of the squared error, for a prior to be used
constexpr double kept_gain = 0.8;       // the same where one was used in the round before
constexpr double smoothing = 0.7;       // of the smoothed logarithm
constexpr double cost_of_offset = 0.1;  // twice that where it had to be looked for

double cost_of(const Stencil& stencil) {
  return (is_band(stencil) ? 1.0 : 2.0) * cost_of_offset * static_cast<double>(stencil.size());
}

/// Whether `pairs` pairs say enough to fit it, along segments of this length.
bool can_be_fitted(const Stencil& stencil, std::size_t pairs, Index segment) {
  return pairs >= 2 * stencil.size() + 2 && (stencil.empty() || 4 * stencil.back() < segment);
}

double length_of(const PairMemory& pairs, Index i) {
  return std::sqrt(std::max(pairs.squared_step(i), 0.0)) + above_zero;
}

/// The mean of s'y / s's.
double mean_quotient(const PairMemory& pairs, const WeightedPairs& weighted) {
  double sum = 0.0;
  for (const Index i : weighted.places) {
    const double length = length_of(pairs, i);
    sum += pairs.products().step_change(i, i) / (length * length);
  }
  return sum / static_cast<double>(weighted.places.size());
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

}  // namespace

double fitted_multiple(const PairMemory& pairs, const WeightedPairs& weighted) {
  double mixed = 0.0;
  double square = 0.0;
  for (std::size_t k = 0; k < weighted.places.size(); ++k) {
    const Index i = weighted.places[k];
    const double weight = weighted.weights[k] * weighted.weights[k];
    mixed += weight * pairs.products().step_change(i, i);
    square += weight * pairs.products().step_step(i, i);
  }
  return mixed / square;
}

std::vector<Stencil> candidates_of(const StencilChoice& choice) {
  std::vector<Stencil> candidates;
  for (const Index width : band_widths) candidates.push_back(band_stencil(width));
  if (choice.offsets.size() == 0) return candidates;
  Stencil grid;
  for (const double offset : choice.offsets) grid.push_back(static_cast<Index>(offset));
  candidates.push_back(grid);
  if (grid.size() == 2 && grid[0] == 1) candidates.push_back({1, grid[1] - 1, grid[1], grid[1] + 1});
  return candidates;
}

void look_for_grid(const PairMemory& pairs, StencilChoice& choice) {
  const Index size = pairs.dimension();
  CoordinateSlices* const slices = slices_of(size);
  Stencil found;
  if (slices == nullptr || slices->is_first())
    found = find_stencil(pairs.steps().rows(), pairs.changes().rows(), shortest_segment_of(size));
  if (slices != nullptr) {
    std::ostringstream text;
    for (const Index offset : found) text << offset << ' ';
    std::istringstream said(slices->share(text.str()));
    found.assign(std::istream_iterator<Index>(said), {});
  }
  if (found.empty() || found.back() <= band_widths.back()) return;  // bands will do
  choice.offsets.resize(std::ssize(found));
  for (std::size_t k = 0; k < found.size(); ++k)
    choice.offsets[static_cast<Index>(k)] = static_cast<double>(found[k]);
}

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

void choose_stencil(const PairMemory& pairs, Index newcomers, ConstVectorRef centre, Index count,
                    StencilChoice& choice) {
  const Index n = pairs.size();
  const Index older = n - newcomers;
  if (newcomers < 1 || older < 2) return;
  const std::vector<Stencil> candidates = candidates_of(choice);
  if (choice.errors.size() == 0)
    choice.errors = Vector::Constant(1 + std::ssize(candidates), std::numeric_limits<double>::quiet_NaN());
  Index reach = 1;
  for (const Stencil& candidate : candidates)
    if (!candidate.empty()) reach = std::max(reach, candidate.back());
  const CoordinateSample sample(pairs.dimension(), reach);
  Matrix near_rows, fresh_rows;
  const WeightedPairs near =
      sample.of(nearest_pairs(pairs, older, pairs.squared_distances_to(centre), count), near_rows);
  WeightedPairs fresh;
  for (Index i = older; i < n; ++i) {
    fresh.steps.push_back(pairs.steps().row(i).data());
    fresh.changes.push_back(pairs.changes().row(i).data());
    fresh.weights.push_back(1.0 / length_of(pairs, i));
  }
  fresh = sample.of(std::move(fresh), fresh_rows);
  const Vector mask = sample.of(pairs.mask());
  // Without a prior: a multiple of I. Once much is known the newest pairs see what is left, of other
  // curvature than most older ones: then it is the one that fits the same pairs with the same weights.
  const bool knows_much = 2 * n > pairs.capacity();
  const double quotient = knows_much ? fitted_multiple(pairs, near) : mean_quotient(pairs, near);
  const auto note = [&](Index place, double error) {
    const double logarithm = std::log(error + above_zero);
    double& smooth = choice.errors[place];
    smooth = std::isnan(smooth) ? logarithm : smoothing * smooth + (1.0 - smoothing) * logarithm;
  };
  const StencilMatrix plain{{}, Vector::Constant(sample.length(), quotient)};
  const auto error_of = [&](const StencilMatrix& hessian) {
    return sample.total(squared_errors(hessian, fresh, sample.stretches(), mask));
  };
  note(0, error_of(plain));
  const StencilSums sums(near, sample.stretches(), candidates);
  Index best = 0;
  double best_score = choice.errors[0] - cost_of_offset;
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    if (!can_be_fitted(candidates[k], near.steps.size(), shortest_segment_of(pairs.dimension()))) continue;
    const auto place = static_cast<Index>(k) + 1;
    note(place, error_of(sums.hessian(candidates[k])));
    const double score = choice.errors[place] + cost_of(candidates[k]);
    if (score < best_score) {
      best = place;
      best_score = score;
    }
  }
  const double needed = choice.chosen > 0 ? kept_gain : needed_gain;
  const bool wins = best > 0 && choice.errors[best] < choice.errors[0] + std::log(needed);
  choice.chosen = wins ? best : 0;
}

std::unique_ptr<const PriorScale> prior_scale_at(const PairMemory& pairs, ConstVectorRef centre, Index count,
                                                 const StencilChoice& choice) {
  if (choice.chosen < 1) return nullptr;
  constexpr double least = 1e-3;  // of the mean curvature
  const Stencil stencil = candidates_of(choice)[static_cast<std::size_t>(choice.chosen - 1)];
  const WeightedPairs near = nearest_pairs(pairs, pairs.size(), pairs.squared_distances_to(centre), count);
  StencilMatrix hessian = StencilSums(near, segments_of(pairs.dimension()), {stencil}).hessian(stencil);
  if (pairs.mask().size() > 0) hessian.keep_only(pairs.mask());
  const double floor = least * std::abs(fitted_multiple(pairs, near));
  if (!holds_for_all(pairs.dimension(), hessian.entries.allFinite()) || !(floor > 0.0)) return nullptr;
  return std::make_unique<StencilScale>(std::move(hessian), floor);
}

}  // namespace optex
