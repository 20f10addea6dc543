#include "optex/estimation/coordinate_subset.hpp"

#include "optex/core/random.hpp"

namespace optex {

std::vector<std::int64_t> choose_coordinates(Index dimension, Index count, SubsetChoice choice,
                                             std::uint64_t seed) {
  std::vector<std::int64_t> chosen;
  if (count <= 0 || count >= dimension) return chosen;
  chosen.reserve(static_cast<std::size_t>(count));
  if (choice == SubsetChoice::even) {
    const double spacing = static_cast<double>(dimension) / static_cast<double>(count);
    for (Index i = 0; i < count; ++i)
      chosen.push_back(static_cast<std::int64_t>(spacing * static_cast<double>(i)));
    return chosen;
  }
  const CounterRandom random(SampleKey{.seed = seed}, Stream::coordinates);
  for (Index i = 0; static_cast<Index>(chosen.size()) < count; ++i) {
    const auto missing = static_cast<std::uint64_t>(count) - chosen.size();
    if (random.below(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(dimension - i)) < missing)
      chosen.push_back(i);
  }
  return chosen;
}

}  // namespace optex
