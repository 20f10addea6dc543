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

/// Rosenbrock's valley, the mean over d.
inline FunctionObjective rosenbrock(const Vector& start) {
  return {start, [](const Vector& x, Vector& g) {
            const auto d = static_cast<double>(x.size());
            double sum = 0.0;
            for (Index i = 0; i + 1 < x.size(); ++i) {
              const double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
              sum += 100.0 * a * a + b * b;
              g[i] += -400.0 * x[i] * a - 2.0 * b;
              g[i + 1] += 200.0 * a;
            }
            g /= d;
            return sum / d;
          }};
}
inline FunctionObjective rosenbrock(Index d) {
  return rosenbrock(made_of(d, [](double i) { return 0.5 + 0.5 * std::sin(i); }));
}

/// Wood's function, the mean over d / 4 groups times 4 / d.
inline FunctionObjective wood(Index d) {
  const Vector start =
      made_of(d, [](double i) { return (static_cast<int>(i) % 2 == 0 ? -3.0 : -1.0) + 0.1 * std::sin(i); });
  return {start, [d](const Vector& x, Vector& g) {
            double sum = 0.0;
            for (Index i = 0; i + 3 < d; i += 4) {
              const double a = x[i], b = x[i + 1], c = x[i + 2], e = x[i + 3];
              const double p = b - a * a, q = e - c * c;
              sum += 100.0 * p * p + (1.0 - a) * (1.0 - a) + 90.0 * q * q + (1.0 - c) * (1.0 - c) +
                     10.0 * (b + e - 2.0) * (b + e - 2.0) + 0.1 * (b - e) * (b - e);
              g[i] = -400.0 * a * p - 2.0 * (1.0 - a);
              g[i + 1] = 200.0 * p + 20.0 * (b + e - 2.0) + 0.2 * (b - e);
              g[i + 2] = -360.0 * c * q - 2.0 * (1.0 - c);
              g[i + 3] = 180.0 * q + 20.0 * (b + e - 2.0) - 0.2 * (b - e);
            }
            g /= static_cast<double>(d);
            return sum / static_cast<double>(d);
          }};
}

inline FunctionObjective dixon_price(Index d) {
  return {made_of(d, [](double i) { return 0.5 + 0.3 * std::sin(i); }), [](const Vector& x, Vector& g) {
            const auto count = static_cast<double>(x.size());
            double sum = (x[0] - 1.0) * (x[0] - 1.0);
            g[0] = 2.0 * (x[0] - 1.0);
            for (Index i = 1; i < x.size(); ++i) {
              const double c = static_cast<double>(i + 1);
              const double r = 2.0 * x[i] * x[i] - x[i - 1];
              sum += c * r * r;
              g[i] += 8.0 * c * r * x[i];
              g[i - 1] -= 2.0 * c * r;
            }
            g /= count;
            return sum / count;
          }};
}

/// Broyden's tridiagonal equations.
inline FunctionObjective broyden(Index d) {
  return {made_of(d, [](double i) { return -1.0 + 0.3 * std::sin(i); }), [d](const Vector& x, Vector& g) {
            double sum = 0.0;
            for (Index i = 0; i < d; ++i) {
              const double r = (3.0 - 2.0 * x[i]) * x[i] - (i > 0 ? x[i - 1] : 0.0) -
                               2.0 * (i + 1 < d ? x[i + 1] : 0.0) + 1.0;
              sum += r * r;
              g[i] += 2.0 * r * (3.0 - 4.0 * x[i]);
              if (i > 0) g[i - 1] -= 2.0 * r;
              if (i + 1 < d) g[i + 1] -= 4.0 * r;
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

/// Five-point Laplacian of m x m unknowns, zero outside.
inline Vector laplacian(const Vector& u, Index m) {
  Vector image(u.size());
  const auto at = [&](Index i, Index j) { return i < 0 || j < 0 || i >= m || j >= m ? 0.0 : u[i * m + j]; };
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < m; ++j)
      image[i * m + j] = 4.0 * at(i, j) - at(i - 1, j) - at(i + 1, j) - at(i, j - 1) - at(i, j + 1);
  return image;
}

/// The same with nothing outside: half the gradient of the sum of squared differences of neighbours.
inline Vector laplacian_with_free_edges(const Vector& u, Index m) {
  Vector image = Vector::Zero(u.size());
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < m; ++j)
      for (const Index other : {i + 1 < m ? (i + 1) * m + j : -1, j + 1 < m ? i * m + j + 1 : -1}) {
        if (other < 0) continue;
        const double difference = u[i * m + j] - u[other];
        image[i * m + j] += difference;
        image[other] -= difference;
      }
  return image;
}

/// 1/2 u'Lu - load'u
inline FunctionObjective grid_quadratic(Index m, const Vector& start, const Vector& load) {
  return {start, [=](const Vector& u, Vector& g) {
            const Vector image = laplacian(u, m);
            g = image - load;
            return 0.5 * u.dot(image) - load.dot(u);
          }};
}

/// On a square grid of d points; start 0, load sin 1.7 i + 0.3.
inline FunctionObjective poisson_equation(Index d) {
  const auto m = static_cast<Index>(std::lround(std::sqrt(static_cast<double>(d))));
  return grid_quadratic(m, Vector::Zero(d), made_of(d, [](double i) { return std::sin(1.7 * i) + 0.3; }));
}

}  // namespace optex::test
