#pragma once

#include "optex/core/objective.hpp"
#include "optex/minimize/minimize.hpp"

#include <algorithm>
#include <limits>
#include <random>

namespace optex::test {

inline constexpr Strategy all_strategies[] = {Strategy::automatic, Strategy::replay,  Strategy::sequence,
                                              Strategy::whitened,  Strategy::vanilla, Strategy::lbfgs,
                                              Strategy::anderson};

/// scale (1/2 x'A x - b'x) + shift, A symmetric and positive definite; remembers the smallest value it gave.
class RandomQuadratic final : public Objective {
 public:
  RandomQuadratic(Index d, unsigned seed, double scale = 1.0, double shift = 0.0)
      : a_(Matrix::Zero(d, d)), b_(d), scale_(scale), shift_(shift) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    Matrix half(d, d);
    for (Index j = 0; j < d; ++j)
      for (Index i = 0; i < d; ++i) half(i, j) = normal(random);
    a_ = half * half.transpose() / static_cast<double>(d) + 0.1 * Matrix::Identity(d, d);
    for (Index i = 0; i < d; ++i) b_[i] = 2.0 * normal(random);
  }
  Index dimension() const override { return b_.size(); }
  Vector initial_point() const override { return Vector::Constant(b_.size(), 0.3); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    const Vector product = a_ * theta;
    gradient = scale_ * (product - b_);
    const double value = scale_ * (0.5 * theta.dot(product) - b_.dot(theta)) + shift_;
    smallest_ = std::min(smallest_, value);
    return value;
  }
  double smallest() const { return smallest_; }
  double value(ConstVectorRef theta) const {
    Vector gradient(theta.size());
    return value_and_gradient(theta, SampleKey::exact(), 0, gradient);
  }

 private:
  Matrix a_;
  Vector b_;
  double scale_, shift_;
  mutable double smallest_ = std::numeric_limits<double>::infinity();
};

/// Some limits are missing above.
inline Bounds random_box(Index d, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  Vector lower(d), upper(d);
  for (Index i = 0; i < d; ++i) {
    lower[i] = -0.5 + uniform(random);
    upper[i] = lower[i] + uniform(random);
    if (uniform(random) < 0.2) upper[i] = std::numeric_limits<double>::infinity();
  }
  return {lower, upper};
}

}  // namespace optex::test
