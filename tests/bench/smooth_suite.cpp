#include "bench/smooth_suite.hpp"

#include "optex/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace optex::bench {
namespace {

using Function = std::function<double(const Vector& x, Vector& gradient)>;

class OfFunction final : public Objective {
 public:
  OfFunction(Vector start, Function function) : start_(std::move(start)), function_(std::move(function)) {}
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

template <class Entry>
Vector made_of(Index d, Entry entry) {
  Vector v(d);
  for (Index i = 0; i < d; ++i) v[i] = entry(static_cast<double>(i));
  return v;
}

Vector normal_numbers(Index count, std::uint64_t seed) {
  const CounterRandom random({.seed = seed}, Stream::synthetic_truth);
  Vector v(count);
  for (Index i = 0; i < count; ++i) v[i] = random.normal(static_cast<std::uint64_t>(i));
  return v;
}

/// Eigenvalues e in a basis that three reflections turn; start 0, the solution random.
SmoothProblem quadratic(const std::string& name, const Vector& e, std::uint64_t seed) {
  std::vector<Vector> mirrors;
  for (std::uint64_t k = 0; k < 3; ++k)
    mirrors.push_back(normal_numbers(e.size(), 10 * seed + k).normalized());
  const Vector solution = normal_numbers(e.size(), 10 * seed + 9);
  return {name, std::make_shared<OfFunction>(Vector::Zero(e.size()), [=](const Vector& x, Vector& g) {
            Vector z = x - solution;
            for (const Vector& v : mirrors) z -= 2.0 * v.dot(z) * v;
            g = e.cwiseProduct(z);
            const double value = 0.5 * z.dot(g);
            for (auto v = mirrors.rbegin(); v != mirrors.rend(); ++v) g -= 2.0 * v->dot(g) * *v;
            return value;
          })};
}

SmoothProblem diagonal() {
  const Vector e = made_of(500, [](double i) { return std::pow(10.0, 3.0 * i / 499.0 - 3.0); });
  return {"diagonal, condition 1e3, d = 500",
          std::make_shared<OfFunction>(made_of(500, [](double i) { return 1.0 + 0.5 * std::sin(i); }),
                                       [=](const Vector& x, Vector& g) {
                                         g = e.cwiseProduct(x);
                                         return 0.5 * x.dot(g);
                                       })};
}

SmoothProblem rosenbrock(const std::string& name, const Vector& start) {
  return {name, std::make_shared<OfFunction>(start, [](const Vector& x, Vector& g) {
            double sum = 0.0;
            for (Index i = 0; i + 1 < x.size(); ++i) {
              const double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
              sum += 100.0 * a * a + b * b;
              g[i] += -400.0 * x[i] * a - 2.0 * b;
              g[i + 1] += 200.0 * a;
            }
            const auto d = static_cast<double>(x.size());
            g /= d;
            return sum / d;
          })};
}

SmoothProblem wood() {
  const Vector start =
      made_of(200, [](double i) { return (static_cast<int>(i) % 2 == 0 ? -3.0 : -1.0) + 0.1 * std::sin(i); });
  return {"Wood, d = 200", std::make_shared<OfFunction>(start, [](const Vector& x, Vector& g) {
            double sum = 0.0;
            for (Index i = 0; i + 3 < x.size(); i += 4) {
              const double a = x[i], b = x[i + 1], c = x[i + 2], e = x[i + 3];
              const double p = b - a * a, q = e - c * c;
              sum += 100.0 * p * p + (1.0 - a) * (1.0 - a) + 90.0 * q * q + (1.0 - c) * (1.0 - c) +
                     10.0 * (b + e - 2.0) * (b + e - 2.0) + 0.1 * (b - e) * (b - e);
              g[i] = -400.0 * a * p - 2.0 * (1.0 - a);
              g[i + 1] = 200.0 * p + 20.0 * (b + e - 2.0) + 0.2 * (b - e);
              g[i + 2] = -360.0 * c * q - 2.0 * (1.0 - c);
              g[i + 3] = 180.0 * q + 20.0 * (b + e - 2.0) - 0.2 * (b - e);
            }
            g /= 200.0;
            return sum / 200.0;
          })};
}

SmoothProblem powell() {
  const Vector start = made_of(200, [](double i) {
    constexpr double corner[] = {3.0, -1.0, 0.0, 1.0};
    return corner[static_cast<int>(i) % 4] + 0.1 * std::sin(i);
  });
  return {"Powell, d = 200", std::make_shared<OfFunction>(start, [](const Vector& x, Vector& g) {
            double sum = 0.0;
            for (Index i = 0; i + 3 < x.size(); i += 4) {
              const double p = x[i] + 10.0 * x[i + 1], q = x[i + 2] - x[i + 3];
              const double r = x[i + 1] - 2.0 * x[i + 2], t = x[i] - x[i + 3];
              sum += p * p + 5.0 * q * q + r * r * r * r + 10.0 * t * t * t * t;
              g[i] = 2.0 * p + 40.0 * t * t * t;
              g[i + 1] = 20.0 * p + 4.0 * r * r * r;
              g[i + 2] = 10.0 * q - 8.0 * r * r * r;
              g[i + 3] = -10.0 * q - 40.0 * t * t * t;
            }
            g /= 200.0;
            return sum / 200.0;
          })};
}

SmoothProblem dixon_price() {
  return {"Dixon-Price, d = 100",
          std::make_shared<OfFunction>(made_of(100, [](double i) { return 0.5 + 0.3 * std::sin(i); }),
                                       [](const Vector& x, Vector& g) {
                                         double sum = (x[0] - 1.0) * (x[0] - 1.0);
                                         g[0] = 2.0 * (x[0] - 1.0);
                                         for (Index i = 1; i < x.size(); ++i) {
                                           const double c = static_cast<double>(i + 1);
                                           const double r = 2.0 * x[i] * x[i] - x[i - 1];
                                           sum += c * r * r;
                                           g[i] += 8.0 * c * r * x[i];
                                           g[i - 1] -= 2.0 * c * r;
                                         }
                                         g /= 100.0;
                                         return sum / 100.0;
                                       })};
}

SmoothProblem broyden() {
  return {"Broyden, d = 150", std::make_shared<OfFunction>(
                                  made_of(150, [](double i) { return -1.0 + 0.3 * std::sin(i); }),
                                  [](const Vector& x, Vector& g) {
                                    const Index d = x.size();
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
                                  })};
}

/// n x d normal numbers whose columns shrink like i^-power.
Matrix features(Index n, Index d, double power, std::uint64_t seed) {
  Matrix x = Eigen::Map<const Matrix>(normal_numbers(n * d, seed).data(), n, d);
  for (Index i = 0; i < d; ++i) x.col(i) *= std::pow(static_cast<double>(i + 1), -power);
  return x;
}

SmoothProblem logistic() {
  const Matrix x = 3.0 * features(600, 100, 0.7, 12);
  const Vector noise = normal_numbers(600, 14);
  const Vector signs = (x * normal_numbers(100, 13) + noise).array().sign();
  return {"logistic regression, d = 100",
          std::make_shared<OfFunction>(Vector::Zero(100), [=](const Vector& w, Vector& g) {
            const Vector margins = signs.cwiseProduct(x * w);
            Vector slopes(margins.size());
            double sum = 0.0;
            for (Index i = 0; i < margins.size(); ++i) {
              sum += margins[i] > 0.0 ? std::log1p(std::exp(-margins[i]))
                                      : std::log1p(std::exp(margins[i])) - margins[i];
              slopes[i] = -signs[i] / (1.0 + std::exp(margins[i]));
            }
            g = x.transpose() * slopes / 600.0 + 1e-4 * w;
            return sum / 600.0 + 0.5e-4 * w.squaredNorm();
          })};
}

SmoothProblem poisson() {
  const Matrix x = features(500, 80, 0.6, 51);
  const Vector rates = (0.5 * (x * normal_numbers(80, 52))).array().min(3.0).max(-5.0).exp();
  const Vector counts =
      (rates + rates.cwiseSqrt().cwiseProduct(normal_numbers(500, 53))).array().round().max(0.0);
  return {"Poisson regression, d = 80",
          std::make_shared<OfFunction>(Vector::Zero(80), [=](const Vector& w, Vector& g) {
            const Vector z = x * w;
            const Vector e = z.array().min(50.0).exp();
            g = x.transpose() * (e - counts) / 500.0 + 1e-4 * w;
            return (e.sum() - counts.dot(z)) / 500.0 + 0.5e-4 * w.squaredNorm();
          })};
}

/// Five-point Laplacian on m x m unknowns, zero outside.
Vector laplacian(const Vector& u, Index m) {
  Vector image(u.size());
  const auto at = [&](Index i, Index j) { return i < 0 || j < 0 || i >= m || j >= m ? 0.0 : u[i * m + j]; };
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < m; ++j)
      image[i * m + j] = 4.0 * at(i, j) - at(i - 1, j) - at(i + 1, j) - at(i, j - 1) - at(i, j + 1);
  return image;
}

SmoothProblem grid_quadratic(const std::string& name, Index m, const Vector& start, const Vector& load) {
  return {name, std::make_shared<OfFunction>(start, [=](const Vector& u, Vector& g) {
            const Vector image = laplacian(u, m);
            g = image - load;
            return 0.5 * u.dot(image) - load.dot(u);
          })};
}

SmoothProblem torsion() {
  constexpr Index m = 64;
  const double h = 1.0 / (m + 1);
  const Vector start = made_of(m * m, [&](double k) {
    const double i = std::floor(k / m), j = k - i * m;
    return h * (1.0 + std::min(std::min(i, m - 1.0 - i), std::min(j, m - 1.0 - j)));
  });
  return grid_quadratic("torsion, 64 x 64", m, start, Vector::Constant(m * m, 5.0 * h * h));
}

SmoothProblem minimal_surface() {
  constexpr Index m = 20;
  return {"minimal surface, 20 x 20",
          std::make_shared<OfFunction>(Vector::Zero(m * m), [](const Vector& x, Vector& g) {
            const double h = 1.0 / (m + 1);
            const auto edge = [&](Index i, Index j) {
              const double s = h * static_cast<double>(i), t = h * static_cast<double>(j);
              if (i == 0) return std::sin(3.141592653589793 * t);
              if (i == m + 1) return 0.5 * std::sin(3.141592653589793 * t);
              return j == 0 ? s * (1.0 - s) : -2.0 * s * (1.0 - s);
            };
            const auto inside = [](Index i, Index j) { return i > 0 && j > 0 && i <= m && j <= m; };
            const auto at = [&](Index i, Index j) {
              return inside(i, j) ? x[(i - 1) * m + j - 1] : edge(i, j);
            };
            const auto add = [&](Index i, Index j, double slope) {
              if (inside(i, j)) g[(i - 1) * m + j - 1] += slope;
            };
            double area = 0.0;
            for (Index i = 0; i <= m; ++i)
              for (Index j = 0; j <= m; ++j)
                for (const bool lower : {true, false}) {
                  const Index ci = lower ? i : i + 1, cj = lower ? j : j + 1;  // the corner of the triangle
                  const Index ni = lower ? i + 1 : i, nj = lower ? j + 1 : j;
                  const double a = (at(ni, cj) - at(ci, cj)) / h, b = (at(ci, nj) - at(ci, cj)) / h;
                  const double root = std::sqrt(1.0 + a * a + b * b);
                  const double w = 0.5 * h * h / root / h;
                  area += 0.5 * h * h * root;
                  add(ni, cj, w * a);
                  add(ci, nj, w * b);
                  add(ci, cj, -w * (a + b));
                }
            return area;
          })};
}

}  // namespace

std::vector<SmoothProblem> smooth_suite() {
  const auto power = [](double p) { return [p](double i) { return std::pow(1.0 + i, -p); }; };
  return {quadratic("eigenvalues i^-2, d = 500", made_of(500, power(2.0)), 1),
          quadratic("eigenvalues 1/i, d = 400", made_of(400, power(1.0)), 2),
          quadratic("eigenvalues exp(-i/10), d = 300",
                    made_of(300, [](double i) { return std::exp(-i / 10.0) + 1e-5; }), 4),
          diagonal(),
          grid_quadratic("Poisson equation, 24 x 24", 24, Vector::Zero(576), normal_numbers(576, 5)),
          torsion(),
          minimal_surface(),
          rosenbrock("Rosenbrock, d = 100", made_of(100, [](double i) { return 0.5 + 0.5 * std::sin(i); })),
          rosenbrock("Rosenbrock's own start, d = 50",
                     made_of(50, [](double i) { return static_cast<int>(i) % 2 == 0 ? -1.2 : 1.0; })),
          wood(),
          powell(),
          dixon_price(),
          broyden(),
          logistic(),
          poisson()};
}

}  // namespace optex::bench
