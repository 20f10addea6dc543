#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/types.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <utility>

namespace optex::test {

inline Vector point(std::initializer_list<double> values) {
  Vector v(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), v.begin());
  return v;
}

/// Any function of a few variables, given as a formula that fills the gradient.
class Formula final : public Objective {
 public:
  using Function = std::function<double(ConstVectorRef theta, VectorRef gradient)>;
  Formula(Index dimension, Function function) : dimension_(dimension), function_(std::move(function)) {}
  Index dimension() const override { return dimension_; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    return function_(theta, gradient);
  }

 private:
  Index dimension_;
  Function function_;
};

}  // namespace optex::test
