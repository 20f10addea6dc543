#pragma once

#include "optex/evaluation/evaluator.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace optex {

/// Hands everything on to another evaluator: the base of those that change a part of it. Closes no round
/// early by itself: collect_quorum() would go past the collect() of a derived class, so whoever is made for
/// it overrides it. Nor does a watcher hear of answers that the derived class may change or number otherwise:
/// whoever hands on what it gets overrides watch().
class ForwardingEvaluator : public Evaluator {
 public:
  /// `inner` must outlive this object.
  explicit ForwardingEvaluator(Evaluator& inner) : inner_(inner) {}

  Index dimension() const override { return inner_.dimension(); }
  void begin(Index points) override { inner_.begin(points); }
  void submit(const SampleKey& key, ConstVectorRef theta) override { inner_.submit(key, theta); }
  void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) override {
    inner_.submit_shared(key, std::move(theta));
  }
  std::vector<Evaluation> collect() override { return inner_.collect(); }
  void renew(ConstVectorRef state) override { inner_.renew(state); }
  EvaluationTimes times() const override { return inner_.times(); }

 protected:
  Evaluator& inner() { return inner_; }

 private:
  Evaluator& inner_;
};

}  // namespace optex
