#include "optex/evaluation/batching_evaluator.hpp"

#include <utility>

namespace optex {

void BatchingEvaluator::submit(const SampleKey& key, ConstVectorRef theta) {
  submit_shared(key, std::make_shared<const Vector>(theta));
}

void BatchingEvaluator::submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) {
  SampleKey of_batch = key;
  for (Index batch = 0; batch < batches_; ++batch) {
    of_batch.batch = static_cast<std::int32_t>(key.batch * batches_ + batch);
    inner().submit_shared(of_batch, theta);
  }
}

std::vector<Evaluation> BatchingEvaluator::collect() {
  std::vector<Evaluation> parts = inner().collect();
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
  return means;
}

}  // namespace optex
