#pragma once

#include "optex/core/objective.hpp"

/// Test functions of any dimension: one shard, exact gradients, starts that are formulas of the coordinate
/// number i = 0 .. d-1. All are scaled so that values do not grow with d. Every constructor throws UsageError
/// for a dimension below its minimum. Cost: a few passes over d numbers.
namespace optex {

/// What the test functions share: a dimension.
class TestFunction : public Objective {
 public:
  Index dimension() const override { return dimension_; }

 protected:
  TestFunction(const char* name, Index dimension, Index smallest);

 private:
  Index dimension_;
};

/// mean_i x_i^2; minimum 0 at 0; start 1.5 + sin i.
class Sphere final : public TestFunction {
 public:
  explicit Sphere(Index dimension) : TestFunction("sphere", dimension, 1) {}
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                            VectorRef gradient) const override;
};

/// 20 + e - 20 exp(-0.2 r) - exp(mean_i cos 2 pi x_i), r = sqrt(mean_i x_i^2); many local minima, 0 at 0,
/// where the gradient is taken as 0; start 0.25 + 0.15 sin i.
class Ackley final : public TestFunction {
 public:
  explicit Ackley(Index dimension) : TestFunction("ackley", dimension, 1) {}
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                            VectorRef gradient) const override;
};

/// 1/d sum_{i < d-1} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2; a curved valley, 0 at (1, ..., 1); d >= 2;
/// start 0.5 + 0.5 sin i.
class Rosenbrock final : public TestFunction {
 public:
  explicit Rosenbrock(Index dimension) : TestFunction("rosenbrock", dimension, 2) {}
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                            VectorRef gradient) const override;
};

/// mean_i (1 + 0.5 sin 2i) |x_i - cos i|; not smooth; 0 at cos i, where the gradient's coordinate is taken as
/// 0; start 1.5 + sin i.
class AbsoluteDeviation final : public TestFunction {
 public:
  explicit AbsoluteDeviation(Index dimension);
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                            VectorRef gradient) const override;

 private:
  Vector centre_, weight_;  // cos i, 1 + 0.5 sin 2i
};

/// 1/2 mean_i (x_i^4 - 16 x_i^2 + 5 x_i) + 39.16616570377142; 2^d local minima, 0 at x_i = -2.903534;
/// start -0.5 + 1.5 sin i.
class StyblinskiTang final : public TestFunction {
 public:
  explicit StyblinskiTang(Index dimension) : TestFunction("styblinski_tang", dimension, 1) {}
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                            VectorRef gradient) const override;
};

}  // namespace optex
