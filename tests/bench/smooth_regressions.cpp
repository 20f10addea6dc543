#include <algorithm>
#include <cmath>

#include "bench/smooth_suite.hpp"
#include <Eigen/QR>

namespace optex::bench {
namespace {

using test::FunctionObjective;

/// n x d normal numbers whose columns shrink like i^-power.
Matrix features(Index n, Index d, double power, std::uint64_t seed) {
  Matrix x = normal_matrix(n, d, seed);
  for (Index i = 0; i < d; ++i) x.col(i) *= std::pow(static_cast<double>(i + 1), -power);
  return x;
}

FunctionObjective logistic(const Matrix& x, const Vector& signs, double ridge) {
  return {Vector::Zero(x.cols()), [=](const Vector& w, Vector& g) {
            const auto n = static_cast<double>(x.rows());
            const Vector margins = signs.cwiseProduct(x * w);
            Vector slopes(margins.size());
            double sum = 0.0;
            for (Index i = 0; i < margins.size(); ++i) {
              sum += margins[i] > 0.0 ? std::log1p(std::exp(-margins[i]))
                                      : std::log1p(std::exp(margins[i])) - margins[i];
              slopes[i] = -signs[i] / (1.0 + std::exp(margins[i]));
            }
            g = x.transpose() * slopes / n + ridge * w;
            return sum / n + 0.5 * ridge * w.squaredNorm();
          }};
}

FunctionObjective made_logistic(Index d, Index n, std::uint64_t seed) {
  Matrix mixing = normal_matrix(d, d, seed);  // features mix normal numbers whose weights shrink
  for (Index i = 0; i < d; ++i) mixing.row(i) *= std::pow(static_cast<double>(i + 1), -0.7) / 3.0;
  const Matrix x = normal_matrix(n, d, seed + 1) * mixing.transpose();
  const Vector signs = (x * normal_numbers(d, seed + 2) + normal_numbers(n, seed + 3)).array().sign();
  return logistic(x, signs, 1e-4);
}

FunctionObjective turned_logistic() {
  const Matrix turn = Eigen::HouseholderQR<Matrix>(normal_matrix(300, 300, 25)).householderQ();
  const Matrix x = 3.0 * features(1500, 300, 0.75, 21) * turn;
  const Vector signs = (x * normal_numbers(300, 22) + 0.5 * normal_numbers(1500, 23)).array().sign();
  return logistic(x, signs, 1e-4);
}

/// Counts near their means; not Poisson's law, which the function does not know either.
FunctionObjective poisson() {
  const Matrix x = features(500, 80, 0.6, 51);
  const Vector rates = (0.5 * (x * normal_numbers(80, 52))).array().min(3.0).max(-5.0).exp();
  const Vector counts =
      (rates + rates.cwiseSqrt().cwiseProduct(normal_numbers(500, 53))).array().round().max(0.0);
  return {Vector::Zero(80), [=](const Vector& w, Vector& g) {
            const Vector z = x * w;
            const Vector e = z.array().min(50.0).exp();
            g = x.transpose() * (e - counts) / 500.0 + 1e-4 * w;
            return (e.sum() - counts.dot(z)) / 500.0 + 0.5e-4 * w.squaredNorm();
          }};
}

/// Least squares with smoothed absolute values.
FunctionObjective lasso() {
  const Matrix x = normal_matrix(150, 300, 11) / std::sqrt(150.0);
  Vector truth = Vector::Zero(300);
  truth.head(20) = 2.0 * normal_numbers(20, 111);
  const Vector seen = x * truth + 0.01 * normal_numbers(150, 112);
  return {Vector::Zero(300), [=](const Vector& w, Vector& g) {
            const Vector r = x * w - seen;
            const Vector size = (w.array().square() + 1e-4).sqrt();
            g = x.transpose() * r + 0.05 * w.cwiseQuotient(size);
            return 0.5 * r.squaredNorm() + 0.05 * (size.array() - 1e-2).sum();
          }};
}

FunctionObjective breast_cancer(const std::string& file) {
  const Matrix table = read_table(file);
  Matrix x = table;
  x.rightCols(1).setOnes();
  for (Index k = 0; k + 1 < x.cols(); ++k) {
    x.col(k).array() -= x.col(k).mean();
    x.col(k) /= std::sqrt(x.col(k).squaredNorm() / static_cast<double>(x.rows()));
  }
  return logistic(x, 2.0 * table.rightCols(1).array() - 1.0, 1e-4);
}

/// U V' near A, with a ridge.
FunctionObjective factorisation() {
  static constexpr Index n = 30, m = 20, r = 3;
  const Matrix a = normal_matrix(n, r, 41) * normal_matrix(r, m, 42) + 0.1 * normal_matrix(n, m, 43);
  return {0.3 * normal_numbers((n + m) * r, 44), [a](const Vector& x, Vector& g) {
            const Eigen::Map<const Matrix> u(x.data(), n, r), v(x.data() + n * r, m, r);
            const Matrix rest = u * v.transpose() - a;
            Eigen::Map<Matrix>(g.data(), n, r) = rest * v / 30.0;
            Eigen::Map<Matrix>(g.data() + n * r, m, r) = rest.transpose() * u / 30.0;
            g += 0.1 / 30.0 * x;
            return (0.5 * rest.squaredNorm() + 0.05 * x.squaredNorm()) / 30.0;
          }};
}

}  // namespace

std::vector<SmoothProblem> smooth_regressions(const std::string& data) {
  std::vector<SmoothProblem> all = {
      smooth_problem("logistic regression, d = 100", [] { return made_logistic(100, 600, 12); }),
      smooth_problem("logistic regression, d = 300", turned_logistic),
      smooth_problem("Poisson regression, d = 80", poisson), smooth_problem("smoothed lasso, d = 300", lasso),
      smooth_problem("matrix factorisation, d = 150", factorisation)};
  if (!data.empty())
    all.push_back(smooth_problem("logistic regression on breast cancer, d = 31",
                                 [=] { return breast_cancer(data + "/breast_cancer.csv"); }));
  return all;
}

}  // namespace optex::bench
