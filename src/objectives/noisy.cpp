#include "optex/objectives/noisy.hpp"

#include "optex/core/random.hpp"

#include <cmath>
#include <utility>

#include "check_arguments.hpp"

namespace optex {

Noisy::Noisy(std::unique_ptr<const Objective> exact, const NoiseOptions& options)
    : ForwardingObjective(std::move(exact)), options_(options) {
  check_not_negative("problem.noise.sigma", options.sigma);
  if (!(options.degrees >= 1) || !std::isfinite(options.degrees))
    throw UsageError(
        fmt::format("problem.noise.degrees = {}: must be a number of at least 1", options.degrees));
}

double Noisy::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                 VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const double value = inner().value_and_gradient(theta, key, shard, gradient);
  if (key.whole || shard != 0 || options_.sigma == 0) return value;
  const CounterRandom random(key, Stream::noise);
  const auto add = [&](auto draw) {
    for (Index i = 0; i < gradient.size(); ++i)
      gradient[i] += options_.sigma * draw(static_cast<std::uint64_t>(i));
  };
  switch (options_.kind) {
    case NoiseKind::gaussian:
      add([&](std::uint64_t i) { return random.normal(i); });
      break;
    case NoiseKind::student_t:
      add([&](std::uint64_t i) { return random.student_t(i, options_.degrees); });
      break;
    case NoiseKind::laplace:
      add([&](std::uint64_t i) { return random.laplace(i); });
      break;
  }
  return value;
}

}  // namespace optex
