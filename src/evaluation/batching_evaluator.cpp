#include "optex/evaluation/batching_evaluator.hpp"

#include <utility>
#include <vector>

namespace optex {

void BatchingEvaluator::submit(Point point) {
  for (Index batch = 0; batch < batches_; ++batch) {
    SampleKey key = point.key;
    key.batch = static_cast<std::int32_t>(point.key.batch * batches_ + batch);
    inner().submit({key, point.theta});
  }
}

Round BatchingEvaluator::close(const Closing&) {
  Round round = inner().close();
  std::vector<Evaluation>& parts = round.evaluations;
  std::vector<Evaluation> means;
  means.reserve(parts.size() / static_cast<std::size_t>(batches_));
  const double share = 1.0 / static_cast<double>(batches_);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Evaluation& part = parts[i];
    if (i % static_cast<std::size_t>(batches_) == 0) {
      means.push_back(std::move(part));
    } else {
      Evaluation& mean = means.back();
      mean.gradients += part.gradients;
      if (mean.failed()) continue;
      if (part.failed()) {
        mean.failure = std::move(part.failure);
        mean.gradient.resize(0);
        continue;
      }
      mean.value += part.value;
      mean.gradient += part.gradient;
    }
  }
  for (Evaluation& mean : means) {
    if (mean.failed()) continue;
    mean.value *= share;
    mean.gradient *= share;
  }
  round.evaluations = std::move(means);
  return round;
}

}  // namespace optex
