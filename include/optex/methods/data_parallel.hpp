#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <memory>

namespace optex {

/// What most people do with N workers: N gradients at one point, each on its own mini-batch, averaged into
/// one optimiser step. Without mini-batches or noise the N gradients are the same one, so N = 1 does: the
/// workers then share its shards.
class DataParallel final : public Method {
 public:
  struct Options {
    Index parallelism = 4;
    bool average_tail =
        false;  ///< the answer is avg += min(1, 9/(t+8)) (theta - avg), kept in RunState::average
    bool any_batch = false;  ///< a round needs one usable gradient, whichever; else the first one
    std::uint64_t seed = 0;
    Bounds bounds = {};  ///< the optimizer must keep to them
  };
  DataParallel(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer, Options options);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;

 private:
  Evaluator& evaluator_;
  std::shared_ptr<const Optimizer> optimizer_;
  Options options_;
};

}  // namespace optex
