#include "optex/objectives/test_functions.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>
#include <numbers>

#include "check_arguments.hpp"

// Terms that must be summed are written into `gradient` first, which is free until the end: no memory is
// allocated.
namespace optex {
namespace {

template <class Term>
void fill(VectorRef out, Term term) {
  for (Index i = 0; i < out.size(); ++i) out[i] = term(i);
}

/// offset + amplitude sin i
Vector sine_start(Index d, double offset, double amplitude) {
  Vector start(d);
  fill(start, [=](Index i) { return offset + amplitude * std::sin(static_cast<double>(i)); });
  return start;
}

double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }  // 0 for 0, NaN for NaN

}  // namespace

TestFunction::TestFunction(const char* name, Index dimension, Index smallest) : dimension_(dimension) {
  if (dimension < smallest)
    throw UsageError(fmt::format("problem.dimension = {}: {} needs at least {}", dimension, name, smallest));
}

Vector Sphere::initial_point() const { return sine_start(dimension(), 1.5, 1.0); }

double Sphere::value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                                  VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const auto d = static_cast<double>(dimension());
  fill(gradient, [&](Index i) { return 2.0 * theta[i] / d; });
  return squared_norm(theta) / d;
}

Vector Ackley::initial_point() const { return sine_start(dimension(), 0.25, 0.15); }

double Ackley::value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                                  VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const auto d = static_cast<double>(dimension());
  constexpr double turn = 2.0 * std::numbers::pi;
  const double r = std::sqrt(squared_norm(theta) / d);
  fill(gradient, [&](Index i) { return std::cos(turn * theta[i]); });
  const double bumps = std::exp(sum(gradient) / d);
  const double bowl = 20.0 * std::exp(-0.2 * r);
  // d/dx_i: 4 exp(-0.2 r) x_i / (r d) + 2 pi / d exp(mean cos) sin 2 pi x_i; the cone's tip at r = 0 has no
  // slope.
  const double pull = r > 0 ? 0.2 * bowl / (r * d) : 0.0;
  fill(gradient, [&](Index i) { return pull * theta[i] + bumps * turn / d * std::sin(turn * theta[i]); });
  return 20.0 - bowl + (std::numbers::e - bumps);
}

Vector Rosenbrock::initial_point() const { return sine_start(dimension(), 0.5, 0.5); }

double Rosenbrock::value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                                      VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const Index n = dimension() - 1;
  const auto d = static_cast<double>(dimension());
  const auto valley = [&](Index i) { return theta[i + 1] - theta[i] * theta[i]; };
  const auto rest = [&](Index i) { return 1.0 - theta[i]; };
  auto terms = gradient.head(n);
  fill(terms, valley);
  double value = 100.0 * squared_norm(terms);
  fill(terms, rest);
  value += squared_norm(terms);
  fill(gradient, [&](Index i) {
    const double ahead = i < n ? -400.0 * theta[i] * valley(i) - 2.0 * rest(i) : 0.0;
    const double behind = i > 0 ? 200.0 * valley(i - 1) : 0.0;
    return (ahead + behind) / d;
  });
  return value / d;
}

AbsoluteDeviation::AbsoluteDeviation(Index dimension)
    : TestFunction("absolute_deviation", dimension, 1), centre_(dimension), weight_(dimension) {
  fill(centre_, [](Index i) { return std::cos(static_cast<double>(i)); });
  fill(weight_, [](Index i) { return 1.0 + 0.5 * std::sin(2.0 * static_cast<double>(i)); });
}

Vector AbsoluteDeviation::initial_point() const { return sine_start(dimension(), 1.5, 1.0); }

double AbsoluteDeviation::value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                                             VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const auto d = static_cast<double>(dimension());
  fill(gradient, [&](Index i) { return std::abs(theta[i] - centre_[i]); });
  const double value = dot(weight_, gradient) / d;
  fill(gradient, [&](Index i) { return weight_[i] * sign(theta[i] - centre_[i]) / d; });
  return value;
}

Vector StyblinskiTang::initial_point() const { return sine_start(dimension(), -0.5, 1.5); }

double StyblinskiTang::value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                                          VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const auto d = static_cast<double>(dimension());
  fill(gradient, [&](Index i) {
    const double x = theta[i];
    return x * (x * (x * x - 16.0) + 5.0);
  });
  const double value = 0.5 * (sum(gradient) / d) + 39.16616570377142;
  fill(gradient, [&](Index i) {
    const double x = theta[i];
    return (4.0 * x * x * x - 32.0 * x + 5.0) / (2.0 * d);
  });
  return value;
}

}  // namespace optex
