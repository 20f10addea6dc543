#include <array>
#include <cmath>

#include "bench/smooth_suite.hpp"
#include <Eigen/Cholesky>

namespace optex::bench {
namespace {

using test::FunctionObjective;

/// Lorenz (1996) on a circle, forcing 8, by Runge and Kutta's fourth order, with its adjoint.
class Flow {
 public:
  Flow(Index d, double step) : d_(d), step_(step) {}

  using Stages = std::array<Vector, 4>;
  Vector advance(const Vector& x, Stages& stages) const {
    stages[0] = x;
    const Vector k1 = slope(x);
    stages[1] = x + 0.5 * step_ * k1;
    const Vector k2 = slope(stages[1]);
    stages[2] = x + 0.5 * step_ * k2;
    const Vector k3 = slope(stages[2]);
    stages[3] = x + step_ * k3;
    return x + step_ / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + slope(stages[3]));
  }
  Vector advance(const Vector& x) const {
    Stages stages;
    return advance(x, stages);
  }
  Vector back(const Stages& stages, const Vector& after) const {
    const Vector t4 = adjoint(stages[3], step_ / 6.0 * after);
    const Vector t3 = adjoint(stages[2], step_ / 3.0 * after + step_ * t4);
    const Vector t2 = adjoint(stages[1], step_ / 3.0 * after + 0.5 * step_ * t3);
    return after + t4 + t3 + t2 + adjoint(stages[0], step_ / 6.0 * after + 0.5 * step_ * t2);
  }

 private:
  Index at(Index i) const { return (i + d_) % d_; }
  Vector slope(const Vector& x) const {
    Vector k(d_);
    for (Index i = 0; i < d_; ++i) k[i] = (x[at(i + 1)] - x[at(i - 2)]) * x[at(i - 1)] - x[i] + 8.0;
    return k;
  }
  Vector adjoint(const Vector& x, const Vector& a) const {
    Vector out = -a;
    for (Index i = 0; i < d_; ++i) {
      const double before = x[at(i - 1)] * a[i];
      out[at(i + 1)] += before;
      out[at(i - 2)] -= before;
      out[at(i - 1)] += (x[at(i + 1)] - x[at(i - 2)]) * a[i];
    }
    return out;
  }

  Index d_;
  double step_;
};

struct Assimilation {
  Index d, steps, every;  ///< observed, every other variable, after each so many steps
  double step;
  std::uint64_t seed;
  bool correlated;  ///< the background's errors: exp(-1/2 (distance / 2)^2), else 1 each
};

/// The start that explains observations of its future: 4D-Var with a strong constraint.
FunctionObjective assimilation(const Assimilation& setting) {
  const auto [d, steps, every, step, seed, correlated] = setting;
  const Flow flow(d, step);
  Vector truth = 8.0 + normal_numbers(d, seed).array();
  for (int t = 0; t < 400; ++t) truth = flow.advance(truth);
  Matrix seen(d / 2, steps / every);
  Vector x = truth;
  for (Index t = 1; t <= steps; ++t) {
    x = flow.advance(x);
    if (t % every == 0)
      seen.col(t / every - 1) =
          x(Eigen::seqN(0, d / 2, 2)) + 0.3 * normal_numbers(d / 2, seed + static_cast<std::uint64_t>(t));
  }
  Matrix inverse = Matrix::Identity(d, d);
  Vector background = truth + 0.4 * normal_numbers(d, seed + 1000);
  if (correlated) {
    Matrix covariance(d, d);
    for (Index i = 0; i < d; ++i)
      for (Index j = 0; j < d; ++j) {
        const Index apart = std::abs(i - j);
        const auto distance = static_cast<double>(std::min(apart, d - apart));
        covariance(i, j) = 0.8 * std::exp(-0.5 * (distance / 2.0) * (distance / 2.0)) + (i == j ? 1e-3 : 0.0);
      }
    const Eigen::LLT<Matrix> factor(covariance);
    inverse = factor.solve(Matrix::Identity(d, d));
    background = truth + factor.matrixL() * normal_numbers(d, seed + 1000);
  }
  return {background, [=](const Vector& start, Vector& g) {
            const Vector off = start - background;
            double value = 0.5 * off.dot(inverse * off);
            std::vector<Flow::Stages> stages(static_cast<std::size_t>(steps));
            std::vector<Vector> rests;
            Vector now = start;
            for (Index t = 1; t <= steps; ++t) {
              now = flow.advance(now, stages[static_cast<std::size_t>(t - 1)]);
              if (t % every != 0) continue;
              rests.emplace_back((now(Eigen::seqN(0, d / 2, 2)) - seen.col(t / every - 1)) / 0.09);
              value += 0.5 * 0.09 * rests.back().squaredNorm();
            }
            Vector a = Vector::Zero(d);
            for (Index t = steps; t >= 1; --t) {
              if (t % every == 0)
                a(Eigen::seqN(0, d / 2, 2)) += rests[static_cast<std::size_t>(t / every - 1)];
              a = flow.back(stages[static_cast<std::size_t>(t - 1)], a);
            }
            g = a + inverse * off;
            return value;
          }};
}

}  // namespace

std::vector<SmoothProblem> smooth_flows() {
  return {smooth_problem("4D-Var, d = 100",
                         [] {
                           return assimilation({100, 20, 2, 0.05, 21, true});
                         }),
          smooth_problem("4D-Var, d = 40",
                         [] {
                           return assimilation({40, 30, 3, 0.025, 4001, false});
                         }),
          smooth_problem("4D-Var, d = 80", [] {
            return assimilation({80, 40, 4, 0.025, 8001, false});
          })};
}

}  // namespace optex::bench
