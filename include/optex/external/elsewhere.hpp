#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/objective.hpp"

namespace optex {

/// An objective that is computed by nobody here: `optex ask` gives its points out, `optex tell` takes values
/// and gradients back.
class Elsewhere final : public Objective {
 public:
  explicit Elsewhere(Index dimension) : dimension_(dimension) {}

  Index dimension() const override { return dimension_; }
  /// Throws EvaluationError.
  double value_and_gradient(ConstVectorRef, const SampleKey&, Index, VectorRef) const override {
    throw EvaluationError("problem.name = \"external\" is evaluated by you: optex ask, optex tell");
  }

 private:
  Index dimension_;
};

}  // namespace optex
