#pragma once

#include "optex/evaluation/evaluator.hpp"

#include <utility>

namespace optex {

/// Hands everything on to another evaluator: the base of those that change a part of it.
class ForwardingEvaluator : public Evaluator {
 public:
  /// `inner` must outlive this object.
  explicit ForwardingEvaluator(Evaluator& inner) : inner_(inner) {}

  using Evaluator::close;
  Index dimension() const override { return inner_.dimension(); }
  void begin(const Opening& opening) override { inner_.begin(opening); }
  void submit(Point point) override { inner_.submit(std::move(point)); }
  Round close(const Closing& how) override { return inner_.close(how); }
  void renew(ConstVectorRef state) override { inner_.renew(state); }

 protected:
  Evaluator& inner() { return inner_; }

 private:
  Evaluator& inner_;
};

}  // namespace optex
