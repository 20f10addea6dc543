#pragma once

#include "optex/core/objective.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace optex::test {

/// An objective out of a function: value and gradient at theta.
class FunctionObjective final : public Objective {
 public:
  using Function = std::function<double(const Vector& theta, Vector& gradient)>;
  FunctionObjective(Vector start, Function function)
      : start_(std::move(start)), function_(std::move(function)) {}
  Index dimension() const override { return start_.size(); }
  Vector initial_point() const override { return start_; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    Vector found = Vector::Zero(theta.size());
    const double value = function_(theta, found);
    gradient = found;
    return value;
  }

 private:
  Vector start_;
  Function function_;
};

/// entry(i) for i < d
template <class Entry>
Vector made_of(Index d, Entry entry) {
  Vector v(d);
  for (Index i = 0; i < d; ++i) v[i] = entry(static_cast<double>(i));
  return v;
}

/// Powell's singular function, the mean over d / 4 groups times 4 / d.
inline FunctionObjective powell(Index d) {
  const Vector start = made_of(d, [](double i) {
    constexpr double corner[] = {3.0, -1.0, 0.0, 1.0};
    return corner[static_cast<int>(i) % 4] + 0.1 * std::sin(i);
  });
  return {start, [d](const Vector& x, Vector& g) {
            double sum = 0.0;
            for (Index i = 0; i + 3 < d; i += 4) {
              const double p = x[i] + 10.0 * x[i + 1], q = x[i + 2] - x[i + 3];
              const double r = x[i + 1] - 2.0 * x[i + 2], t = x[i] - x[i + 3];
              sum += p * p + 5.0 * q * q + r * r * r * r + 10.0 * t * t * t * t;
              g[i] = 2.0 * p + 40.0 * t * t * t;
              g[i + 1] = 20.0 * p + 4.0 * r * r * r;
              g[i + 2] = 10.0 * q - 8.0 * r * r * r;
              g[i + 3] = -10.0 * q - 40.0 * t * t * t;
            }
            g /= static_cast<double>(d);
            return sum / static_cast<double>(d);
          }};
}

/// Rosenbrock's valley, the sum over d; start 0.5 + 0.5 sin i.
inline FunctionObjective rosenbrock(Index d) {
  return {made_of(d, [](double i) { return 0.5 + 0.5 * std::sin(i); }), [d](const Vector& x, Vector& g) {
            double sum = 0.0;
            for (Index i = 0; i + 1 < d; ++i) {
              const double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
              sum += 100.0 * a * a + b * b;
              g[i] += -400.0 * x[i] * a - 2.0 * b;
              g[i + 1] += 200.0 * a;
            }
            g /= static_cast<double>(d);
            return sum / static_cast<double>(d);
          }};
}

/// A quadratic with eigenvalues 1 / i^2, turned by one reflection; start 0.
inline FunctionObjective turned_quadratic(Index d) {
  const Vector eigenvalues = made_of(d, [](double i) { return 1.0 / ((1.0 + i) * (1.0 + i)); });
  const Vector mirror = made_of(d, [](double i) { return std::cos(3.0 * i); }).normalized();
  const Vector solution = made_of(d, [](double i) { return std::sin(1.7 * i) + 0.3; });
  return {Vector::Zero(d), [=](const Vector& x, Vector& g) {
            Vector z = x - solution;
            z -= 2.0 * mirror.dot(z) * mirror;
            g = eigenvalues.cwiseProduct(z);
            const double value = 0.5 * z.dot(g);
            g -= 2.0 * mirror.dot(g) * mirror;
            return value;
          }};
}

}  // namespace optex::test
