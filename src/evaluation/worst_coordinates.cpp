#include "worst_coordinates.hpp"

#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>

namespace optex {
namespace {

constexpr Index all_coordinates_up_to = 64;
constexpr Index pieces = 4;
constexpr double clearly_wrong = 1e-3;  // relative, of one coordinate

/// Coordinates [begin, end).
struct Group {
  Index begin, end;
  double discrepancy = 0.0;  ///< of the sum of their derivatives with random signs

  bool is_single() const { return end - begin == 1; }
};

Vector random_signs(Index dimension, std::uint64_t seed) {
  SampleKey key;
  key.seed = seed;
  key.iteration = -1;
  const CounterRandom random(key, Stream::direction);
  Vector signs(dimension);
  for (Index i = 0; i < dimension; ++i)
    signs[i] = (random.bits(static_cast<std::uint64_t>(i)) & 1U) != 0 ? 1.0 : -1.0;
  return signs;
}

}  // namespace

std::vector<CoordinateFinding> find_worst(Prober& prober, const Vector& gradient, const Vector& sizes,
                                          double step, const GradientCheckOptions& options) {
  const Index d = gradient.size();
  const Vector all = random_signs(d, options.seed).cwiseProduct(sizes);
  const auto along = [&](const Group& group) {
    Vector v = Vector::Zero(d);
    v.segment(group.begin, group.end - group.begin) = all.segment(group.begin, group.end - group.begin);
    return v;
  };
  const auto measured = [&](Group group) {
    const Vector v = along(group);
    const double found = prober.difference(v, step);
    group.discrepancy = std::isfinite(found) ? std::abs(found - dot(gradient, v)) : 0.0;
    return group;
  };

  const auto named = static_cast<std::size_t>(options.named);
  std::vector<Group> groups{{0, d}};
  const Index cut = d <= all_coordinates_up_to ? d : pieces;
  while (!std::all_of(groups.begin(), groups.end(), [](const Group& group) { return group.is_single(); })) {
    std::vector<Group> smaller;
    for (const Group& group : groups) {
      const Index count = group.end - group.begin;
      const Index parts = std::min(cut, count);
      if (group.is_single()) smaller.push_back(group);
      for (Index part = 0; part < parts && !group.is_single(); ++part)
        smaller.push_back(
            measured({group.begin + part * count / parts, group.begin + (part + 1) * count / parts}));
    }
    std::stable_sort(smaller.begin(), smaller.end(),
                     [](const Group& a, const Group& b) { return a.discrepancy > b.discrepancy; });
    if (smaller.size() > named) smaller.resize(named);
    groups = std::move(smaller);
  }

  std::vector<CoordinateFinding> worst;
  for (const Group& group : groups) {
    const double size = all[group.begin];
    if (size == 0.0) continue;  // fixed by its bounds
    const CoordinateFinding found{group.begin, gradient[group.begin],
                                  prober.difference(along(group), step) / size};
    const double larger = std::max(std::abs(found.gradient), std::abs(found.difference));
    // The search fills its list up with coordinates that are right.
    if (worst.empty() || std::abs(found.gradient - found.difference) > clearly_wrong * larger)
      worst.push_back(found);
  }
  return worst;
}

}  // namespace optex
