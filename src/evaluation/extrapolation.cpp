#include "extrapolation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace optex {
namespace {

/// Whether the differences at smaller steps than the last one are as near to `found` as that one is.
bool is_borne_out(const Extrapolated& found, std::span<const double> steps,
                  std::span<const double> differences, double noise) {
  constexpr double rare = 3.0;  // noise is the largest of some draws
  const double off = std::abs(differences[found.last] - found.value) + found.uncertainty;
  for (std::size_t k = found.last + 1; k < steps.size(); ++k)
    if (std::abs(differences[k] - found.value) > off + rare * noise / steps[k]) return false;
  return true;
}

}  // namespace

Extrapolated extrapolate(std::span<const double> steps, std::span<const double> differences, double noise) {
  constexpr std::size_t highest_order = 4;
  Extrapolated best{differences[0], std::numeric_limits<double>::infinity(), 0};
  // Of the row before: polynomials of order j that end at its step, and how much noise they carry.
  const auto consider = [&](const Extrapolated& found) {
    if (found.uncertainty < best.uncertainty && is_borne_out(found, steps, differences, noise)) best = found;
  };
  std::vector<double> before{differences[0]};
  std::vector<double> noise_before{noise / steps[0]};
  for (std::size_t i = 1; i < steps.size(); ++i) {
    std::vector<double> row{differences[i]};
    std::vector<double> carried{noise / steps[i]};
    const double change = std::abs(differences[i] - differences[i - 1]);
    consider({differences[i], change + 2.0 * carried[0], i});
    for (std::size_t j = 1; j <= std::min(i, highest_order); ++j) {
      const double ratio = steps[i - j] / steps[i];
      const double weight = 1.0 / (ratio * ratio - 1.0);
      row.push_back(row[j - 1] + weight * (row[j - 1] - before[j - 1]));
      carried.push_back(carried[j - 1] + weight * (carried[j - 1] + noise_before[j - 1]));
      const double doubt =
          std::max(std::abs(row[j] - row[j - 1]), std::abs(row[j] - before[j - 1])) + 2.0 * carried[j];
      consider({row[j], doubt, i});
    }
    before = std::move(row);
    noise_before = std::move(carried);
  }
  return best;
}

}  // namespace optex
