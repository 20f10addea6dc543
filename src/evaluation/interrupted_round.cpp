#include "optex/evaluation/interrupted_round.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>
#include <vector>

namespace optex {

std::uint64_t mark_of(const SampleKey& key, ConstVectorRef theta) {
  constexpr Index most = 4096;
  const Index stride = std::max<Index>(1, theta.size() / most);
  std::vector<double> some;
  some = {std::bit_cast<double>(key.seed), std::bit_cast<double>(key.iteration),
          static_cast<double>(key.point), static_cast<double>(key.batch), key.whole ? 1.0 : 0.0};
  for (Index i = 0; i < theta.size(); i += stride) some.push_back(theta[i]);
  const auto* const bytes = reinterpret_cast<const char*>(some.data());
  return std::hash<std::string_view>{}({bytes, some.size() * sizeof(double)});
}

}  // namespace optex
