#include <cmath>

#include "bench/smooth_suite.hpp"

namespace optex::bench {
namespace {

using test::FunctionObjective;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Weights = Eigen::Map<const RowMajor>;
using Slopes = Eigen::Map<RowMajor>;

struct Classes {
  Matrix x;  ///< n x features
  Matrix y;  ///< n x classes, 0 or 1
};

Classes digits(const std::string& file, Index most, bool with_constant) {
  const Matrix table = read_table(file);
  const Index n = std::min(most, table.rows()), features = table.cols() - 1;
  Classes found{Matrix::Ones(n, features + (with_constant ? 1 : 0)), Matrix::Zero(n, 10)};
  found.x.leftCols(features) = table.topLeftCorner(n, features) / 16.0;
  for (Index i = 0; i < n; ++i) found.y(i, static_cast<Index>(table(i, features))) = 1.0;
  return found;
}

/// The mean cross entropy of softmax(z); z becomes its gradient.
double cross_entropy(const Matrix& y, Matrix& z) {
  const auto n = static_cast<double>(z.rows());
  z.colwise() -= Vector(z.rowwise().maxCoeff());
  const Vector label = z.cwiseProduct(y).rowwise().sum();
  z = z.array().exp();
  const Vector sums = z.rowwise().sum();
  const double value = (sums.array().log() - label.array()).sum() / n;
  z = (sums.cwiseInverse().asDiagonal() * z - y) / n;
  return value;
}

FunctionObjective softmax(const Classes& data, double ridge) {
  const Index p = data.x.cols(), k = data.y.cols();
  return {Vector::Zero(p * k), [=](const Vector& w, Vector& g) {
            Matrix z = data.x * Weights(w.data(), p, k);
            const double value = cross_entropy(data.y, z);
            Slopes(g.data(), p, k) = data.x.transpose() * z;
            g += ridge * w;
            return value + 0.5 * ridge * w.squaredNorm();
          }};
}

FunctionObjective made_softmax() {
  constexpr Index p = 60, k = 8, n = 800;
  Matrix mixing = normal_matrix(p, p, 61);
  for (Index i = 0; i < p; ++i) mixing.row(i) /= static_cast<double>(i + 1);
  Classes data{normal_matrix(n, p, 62) * mixing.transpose(), Matrix::Zero(n, k)};
  const Matrix scores = data.x * normal_matrix(p, k, 63) + 2.5 * normal_matrix(n, k, 64);
  for (Index i = 0; i < n; ++i) {
    Index best = 0;
    scores.row(i).maxCoeff(&best);
    data.y(i, best) = 1.0;
  }
  return softmax(data, 1e-4);
}

/// Digits through one hidden layer of tanh.
FunctionObjective network(const std::string& file) {
  constexpr Index hidden = 16;
  const Classes data = digits(file, 600, false);
  const Index p = data.x.cols(), k = 10, d = p * hidden + hidden + hidden * k + k;
  return {0.2 * normal_numbers(d, 7), [=](const Vector& w, Vector& g) {
            const double* const second = w.data() + p * hidden + hidden;
            const Weights w1(w.data(), p, hidden), w2(second, hidden, k);
            Matrix h = data.x * w1;
            h.rowwise() += Eigen::Map<const Eigen::RowVectorXd>(w.data() + p * hidden, hidden);
            h = h.array().tanh();
            Matrix z = h * w2;
            z.rowwise() += Eigen::Map<const Eigen::RowVectorXd>(second + hidden * k, k);
            const double value = cross_entropy(data.y, z);
            const Matrix back = (z * w2.transpose()).array() * (1.0 - h.array().square());
            Slopes(g.data(), p, hidden) = data.x.transpose() * back;
            g.segment(p * hidden, hidden) = back.colwise().sum();
            Slopes(g.data() + p * hidden + hidden, hidden, k) = h.transpose() * z;
            g.tail(k) = z.colwise().sum();
            g += 1e-3 * w;
            return value + 0.5e-3 * w.squaredNorm();
          }};
}

/// Digits through eight hidden values and back.
FunctionObjective autoencoder(const std::string& file) {
  constexpr Index hidden = 8, n = 500;
  Matrix x = digits(file, n, false).x;
  x.rowwise() -= x.colwise().mean().eval();
  const Index p = x.cols(), d = 2 * p * hidden + hidden;
  return {0.2 * normal_numbers(d, 4), [=](const Vector& w, Vector& g) {
            const Weights in(w.data(), p, hidden), out(w.data() + p * hidden, hidden, p);
            Matrix h = x * in;
            h.rowwise() += w.tail(hidden).transpose();
            h = h.array().tanh();
            const Matrix rest = h * out - x;
            const Matrix back = (rest * out.transpose() / n).array() * (1.0 - h.array().square());
            Slopes(g.data(), p, hidden) = x.transpose() * back;
            Slopes(g.data() + p * hidden, hidden, p) = h.transpose() * rest / n;
            g.tail(hidden) = back.colwise().sum();
            g += 1e-3 * w;
            return 0.5 * rest.squaredNorm() / n + 0.5e-3 * w.squaredNorm();
          }};
}

}  // namespace

std::vector<SmoothProblem> smooth_networks(const std::string& data) {
  std::vector<SmoothProblem> all = {smooth_problem("softmax regression, d = 480", made_softmax)};
  if (data.empty()) return all;
  const std::string file = data + "/digits.csv";
  all.push_back(smooth_problem("softmax regression on digits, d = 650",
                               [=] { return softmax(digits(file, 1797, true), 1e-4); }));
  all.push_back(smooth_problem("network on digits, d = 1210", [=] { return network(file); }));
  all.push_back(smooth_problem("autoencoder of digits, d = 1032", [=] { return autoencoder(file); }));
  return all;
}

}  // namespace optex::bench
