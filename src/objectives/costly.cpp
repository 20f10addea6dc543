#include "optex/objectives/costly.hpp"

#include "optex/core/stopwatch.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "check_arguments.hpp"

namespace optex {

Costly::Costly(std::unique_ptr<const Objective> cheap, CostKind kind, double seconds)
    : ForwardingObjective(std::move(cheap)),
      kind_(kind),
      seconds_(seconds / static_cast<double>(inner().shard_count())) {
  check_not_negative("problem.cost.seconds", seconds);
}

double Costly::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                  VectorRef gradient) const {
  const Stopwatch watch;
  const double value = inner().value_and_gradient(theta, key, shard, gradient);
  if (kind_ == CostKind::sleep) {
    const double left = seconds_ - watch.seconds();
    if (left > 0.0) std::this_thread::sleep_for(std::chrono::duration<double>(left));
    return value;
  }
  static std::atomic<double> kept{0.0};  // so that the arithmetic is done
  double x = 1.0;
  while (watch.seconds() < seconds_)
    for (int i = 0; i < 1000; ++i) x = 1.0 + 1.0 / (1.0 + x);  // towards the root of 2
  kept = x;
  return value;
}

}  // namespace optex
