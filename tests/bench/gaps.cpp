#include "bench/gaps.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace optex::bench {

Vector perturbed(Vector theta, int start) {
  const CounterRandom random({.seed = static_cast<std::uint64_t>(start)}, Stream::direction);
  if (start > 0)
    for (Index i = 0; i < theta.size(); ++i) theta[i] += 1e-12 * random.normal(static_cast<std::uint64_t>(i));
  return theta;
}

Hits rounds_to_gaps(Method& method, const Objective& objective, ConstVectorRef theta, const Gaps& gaps,
                    int rounds, bool keeps_best) {
  RunState run = method.initial_state(theta);
  Hits hits{never, never};
  Vector gradient(theta.size());
  try {
    for (int t = 1; t <= rounds && hits.second == never; ++t) {
      method.iterate(run);
      double value = objective.value_and_gradient(run.theta, SampleKey::exact(), 0, gradient);
      if (keeps_best) value = std::min(value, run.best.value);
      if (!std::isfinite(value)) break;
      if (value <= gaps.first) hits.first = std::min(hits.first, t);
      if (value <= gaps.second) hits.second = t;
    }
  } catch (const NumericalError&) {
    // Diverged.
  }
  return hits;
}

Hits median_hits(int starts, const std::function<Hits(int)>& run) {
  std::vector<int> loose, tight;
  for (int start = 0; start < starts; ++start) {
    const Hits hits = run(start);
    loose.push_back(hits.first);
    tight.push_back(hits.second);
  }
  const auto median = [](std::vector<int>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  return {median(loose), median(tight)};
}

std::string text_of(const Hits& hits) {
  const auto text = [](int rounds) { return rounds == never ? std::string("-") : std::to_string(rounds); };
  return text(hits.first) + "/" + text(hits.second);
}

}  // namespace optex::bench
