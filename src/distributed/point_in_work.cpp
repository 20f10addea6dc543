#include "optex/distributed/point_in_work.hpp"

#include <utility>

namespace optex {

PointInWork::PointInWork(const SampleKey& at, std::shared_ptr<const Vector> theta_there, Index shards,
                         VectorPool& pool)
    : key(at), theta(std::move(theta_there)), pool_(&pool), fold_(std::make_unique<Fold>(shards, pool)) {}

void PointInWork::fold() {
  for (; !complete(); ++folded_) {
    Part& part = parts[folded_];
    for (PartialSum& sum : part.sums) {
      if (failed())
        pool_->give_back(std::move(sum.gradient));
      else
        fold_->add(std::move(sum));
    }
    part.sums.clear();
    if (!part.done) return;
    if (!failed()) failure_ = std::move(part.failure);
  }
  theta.reset();
}

void PointInWork::abandon() {
  theta.reset();
  failure_ = "abandoned";
  for (Part& part : parts) part.done = part.done || part.rank == 0;
  fold();
}

Evaluation PointInWork::take() {
  Evaluation evaluation;
  evaluation.failure = std::move(failure_);
  if (evaluation.failed()) return evaluation;
  PartialSum total = fold_->take();
  evaluation.value = total.value;
  evaluation.gradient = std::move(total.gradient);
  return evaluation;
}

}  // namespace optex
