#include "surrogate_pairs.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>
#include <limits>

namespace optex {
namespace {

/// Squared distances that differ by rounding are equal: probes stand at the same one by design.
bool is_nearer(double a, double b) { return a < b * (1.0 - 1e-9); }

}  // namespace

std::vector<SecantPair> nearest_neighbour_pairs(const KnownPoint& root, const std::vector<KnownPoint>& points,
                                                const Units& units) {
  std::vector<SecantPair> pairs;
  std::vector<bool> waits(points.size(), true);
  std::vector<const KnownPoint*> nearest(points.size(), &root);  // of the tree
  std::vector<double> distances(points.size());
  for (std::size_t i = 0; i < points.size(); ++i)
    distances[i] = units.squared_distance(*points[i].theta, *root.theta);
  for (std::size_t taken = 0; taken < points.size(); ++taken) {
    std::size_t next = points.size();
    for (std::size_t i = 0; i < points.size(); ++i)
      if (waits[i] && (next == points.size() || is_nearer(distances[i], distances[next]))) next = i;
    waits[next] = false;
    const KnownPoint& point = points[next];
    const KnownPoint& other = *nearest[next];
    if (distances[next] > 0.0) {
      SecantPair pair{units.position(*point.theta - *other.theta),
                      units.gradient(*point.gradient - *other.gradient),
                      units.position(0.5 * (*point.theta + *other.theta))};
      // Numbers whose squares are not finite teach nothing.
      if (std::isfinite(squared_norm(pair.step)) && std::isfinite(squared_norm(pair.change)) &&
          std::isfinite(squared_norm(pair.middle)))
        pairs.push_back(std::move(pair));
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!waits[i]) continue;
      const double distance = units.squared_distance(*points[i].theta, *point.theta);
      if (is_nearer(distance, distances[i])) {
        distances[i] = distance;
        nearest[i] = &point;
      }
    }
  }
  return pairs;
}

}  // namespace optex
