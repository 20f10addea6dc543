#include "optex/methods/depths.hpp"

#include <cmath>
#include <numeric>
#include <set>

namespace optex {

std::vector<Index> evaluated_depths(Index points, Index reach) {
  if (reach < points || points < 2) {
    std::vector<Index> all(static_cast<std::size_t>(points));
    std::iota(all.begin(), all.end(), Index{0});
    return all;
  }
  const Index deep = points - 1;
  std::set<Index> depths{0, 1};
  for (Index i = 1; i < deep; ++i) {
    const double exponent = static_cast<double>(i) / static_cast<double>(deep - 1);
    depths.insert(i + 1 == deep
                      ? reach
                      : static_cast<Index>(std::nearbyint(std::pow(static_cast<double>(reach), exponent))));
  }
  for (Index unused = 1; static_cast<Index>(depths.size()) < points; ++unused) depths.insert(unused);
  return {depths.begin(), depths.end()};
}

}  // namespace optex
