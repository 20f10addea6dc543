#include <cmath>

#include "bench/smooth_suite.hpp"
#include <Eigen/QR>

namespace optex::bench {
namespace {

using test::FunctionObjective;
using test::made_of;

FunctionObjective quadratic(const Matrix& hessian, const Vector& solution, const Vector& start) {
  return {start, [=](const Vector& x, Vector& g) {
            const Vector z = x - solution;
            g.noalias() = hessian * z;
            return 0.5 * z.dot(g);
          }};
}

/// Eigenvalues e in a random basis; start 0, the solution random.
SmoothProblem turned(const std::string& name, const Vector& e, std::uint64_t seed) {
  return smooth_problem(
      name,
      [=] {
        const Index d = e.size();
        const Matrix basis = Eigen::HouseholderQR<Matrix>(normal_matrix(d, d, 2 * seed)).householderQ();
        return quadratic(basis * e.asDiagonal() * basis.transpose(), normal_numbers(d, 2 * seed + 1),
                         Vector::Zero(d));
      },
      0.0);
}

/// The Hadamard matrix at unit length, times v; d a power of 2.
void hadamard(Vector& v) {
  for (Index half = 1; half < v.size(); half *= 2)
    for (Index first = 0; first < v.size(); first += 2 * half)
      for (Index i = first; i < first + half; ++i) {
        const double a = v[i], b = v[i + half];
        v[i] = a + b;
        v[i + half] = a - b;
      }
  v /= std::sqrt(static_cast<double>(v.size()));
}

/// The same in a basis of two Hadamard matrices and random signs, for large d.
SmoothProblem mixed(const std::string& name, const Vector& e, std::uint64_t seed) {
  return smooth_problem(
      name,
      [=] {
        const Vector a = normal_numbers(e.size(), 3 * seed).array().sign();
        const Vector b = normal_numbers(e.size(), 3 * seed + 1).array().sign();
        const Vector solution = normal_numbers(e.size(), 3 * seed + 2);
        return FunctionObjective(Vector::Zero(e.size()), [=](const Vector& x, Vector& g) {
          Vector z = a.cwiseProduct(x - solution);
          hadamard(z);
          z = b.cwiseProduct(z);
          hadamard(z);
          g = e.cwiseProduct(z);
          const double value = 0.5 * z.dot(g);
          hadamard(g);
          g = b.cwiseProduct(g);
          hadamard(g);
          g = a.cwiseProduct(g);
          return value;
        });
      },
      0.0);
}

/// Eigenvalues cond^(-i / (d - 1)) in the basis of the discrete cosine transform, over d.
FunctionObjective cosines(Index d, double condition) {
  constexpr double pi = 3.141592653589793;
  Matrix basis(d, d);  // columns: eigenvectors
  for (Index k = 0; k < d; ++k) {
    for (Index j = 0; j < d; ++j)
      basis(j, k) =
          std::cos(pi * static_cast<double>(k) * (static_cast<double>(j) + 0.5) / static_cast<double>(d));
    basis.col(k).normalize();
  }
  const double last = static_cast<double>(d - 1);
  const Vector e =
      made_of(d, [&](double i) { return std::pow(condition, -i / last) / static_cast<double>(d); });
  const Vector start = basis * made_of(d, [](double i) { return 1.5 + std::sin(i); });
  return quadratic(basis * e.asDiagonal() * basis.transpose(), Vector::Zero(d), start);
}

/// Deblurring of a signal of d samples on a circle, with a ridge.
FunctionObjective deblur(Index d) {
  Vector kernel(d);
  for (Index t = 0; t < d; ++t) {
    const auto distance = static_cast<double>(std::min(t, d - t));
    kernel[t] = std::exp(-0.5 * (distance / 3.0) * (distance / 3.0));
  }
  kernel /= kernel.sum();
  Matrix blur(d, d);
  for (Index i = 0; i < d; ++i)
    for (Index j = 0; j < d; ++j) blur(i, j) = kernel[(i - j + d) % d];
  const Vector truth =
      made_of(d, [](double t) { return (std::sin(t / 17.0) > 0.3 ? 1.0 : 0.0) + 0.5 * std::sin(t / 40.0); });
  const Vector seen = blur * truth;
  return {Vector::Zero(d), [=](const Vector& x, Vector& g) {
            const Vector r = blur * x - seen;
            g = blur.transpose() * r + 1e-4 * x;
            return 0.5 * r.squaredNorm() + 0.5e-4 * x.squaredNorm();
          }};
}

}  // namespace

std::vector<SmoothProblem> smooth_quadratics() {
  const auto power = [](double p) { return [p](double i) { return std::pow(1.0 + i, -p); }; };
  const Vector jitter = normal_numbers(300, 3);
  const Vector clusters = made_of(300, [&](double i) {
    return std::pow(10.0, -4.0 * std::floor(i / 30.0) / 9.0) * (1.0 + 0.05 * jitter[static_cast<Index>(i)]);
  });
  const auto diagonal = [] {
    const Vector e = made_of(500, [](double i) { return std::pow(10.0, 3.0 * i / 499.0 - 3.0); });
    return FunctionObjective(made_of(500, [](double i) { return 1.0 + 0.5 * std::sin(i); }),
                             [e](const Vector& x, Vector& g) {
                               g = e.cwiseProduct(x);
                               return 0.5 * x.dot(g);
                             });
  };
  return {turned("eigenvalues i^-2, d = 500", made_of(500, power(2.0)), 1),
          turned("eigenvalues 1/i, d = 400", made_of(400, power(1.0)), 2),
          turned("ten clusters of eigenvalues, d = 300", clusters, 3),
          turned("eigenvalues exp(-i/10), d = 300",
                 made_of(300, [](double i) { return std::exp(-i / 10.0) + 1e-5; }), 4),
          smooth_problem("diagonal, condition 1e3, d = 500", diagonal, 0.0),
          smooth_problem(
              "cosine basis, condition 1e4, d = 200", [] { return cosines(200, 1e4); }, 0.0),
          turned("eigenvalues i^-1.5, d = 800", made_of(800, power(1.5)), 71),
          mixed("eigenvalues i^-1.5, d = 2048", made_of(2048, power(1.5)), 17),
          smooth_problem("deblurring, d = 400", [] { return deblur(400); })};
}

}  // namespace optex::bench
