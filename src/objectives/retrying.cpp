#include "optex/objectives/retrying.hpp"

#include "optex/core/errors.hpp"

#include <exception>
#include <limits>
#include <utility>

namespace optex {

Retrying::Retrying(std::unique_ptr<const Objective> inner, std::int64_t retries)
    : ForwardingObjective(std::move(inner)), retries_(retries) {
  if (retries < 1) throw UsageError("failure.retries: must be at least 1, found " + std::to_string(retries));
}

double Retrying::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                    VectorRef gradient) const {
  for (std::int64_t failures = 1;; ++failures) {
    try {
      return inner().value_and_gradient(theta, key, shard, gradient);
    } catch (const InfeasiblePoint&) {
      throw;
    } catch (const std::exception& error) {
      if (failures > retries_)
        throw EvaluationError("failed " + std::to_string(failures) + " times, at last: " + error.what());
    }
    // What the failed try left behind must not be taken for an answer.
    gradient.setConstant(std::numeric_limits<double>::quiet_NaN());
  }
}

}  // namespace optex
