#include "optex/objectives/heat_inversion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bench/smooth_suite.hpp"
#include <Eigen/SparseCholesky>

namespace optex::bench {
namespace {

using test::FunctionObjective;
using test::made_of;

/// Elastic-plastic torsion without its bounds, from the distance to the edge.
FunctionObjective torsion(Index m) {
  const double h = 1.0 / static_cast<double>(m + 1);
  const auto last = static_cast<double>(m - 1);
  const Vector start = made_of(m * m, [&](double k) {
    const double i = std::floor(k / static_cast<double>(m)), j = k - i * static_cast<double>(m);
    return h * (1.0 + std::min(std::min(i, last - i), std::min(j, last - j)));
  });
  return test::grid_quadratic(m, start, Vector::Constant(m * m, 5.0 * h * h));
}

FunctionObjective minimal_surface() {
  constexpr Index m = 20;
  return {Vector::Zero(m * m), [](const Vector& x, Vector& g) {
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
          }};
}

/// Which log k(x) explains noisy temperatures everywhere? -div(k grad p) = q on m x m nodes, p = 0 around.
class Conductivity {
 public:
  Conductivity() {
    Matrix sources(m * m, 4);
    Vector truth(m * m);
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < m; ++j) {
        const double x = h * static_cast<double>(i + 1), y = h * static_cast<double>(j + 1);
        Index k = 0;
        for (const double a : {0.3, 0.7})
          for (const double b : {0.3, 0.7})
            sources(i * m + j, k++) = 50.0 * std::exp(-((x - a) * (x - a) + (y - b) * (y - b)) / 0.02);
        const bool disc = (x - 0.6) * (x - 0.6) + (y - 0.4) * (y - 0.4) < 0.04;
        truth[i * m + j] = 0.8 * std::sin(2.0 * pi * x) * std::sin(pi * y) + (disc ? 0.7 : 0.0);
      }
    sources_ = sources;
    seen_ = Eigen::SimplicialLDLT<Sparse>(operator_of(truth.array().exp())).solve(sources_);
    seen_.array() *= 1.0 + 0.01 * normal_matrix(m * m, 4, 5).array();
    unit_ = seen_.cwiseAbs().mean();
  }

  double operator()(const Vector& u, Vector& g) const {
    if (!(u.cwiseAbs().maxCoeff() < 50.0)) return std::numeric_limits<double>::quiet_NaN();
    const Vector k = u.array().exp();
    const Eigen::SimplicialLDLT<Sparse> solver(operator_of(k));
    const Matrix p = solver.solve(sources_);
    const Matrix r = (p - seen_) / unit_;
    const Matrix adjoint = solver.solve(r / (-unit_ * m * m));
    const Vector rough = test::laplacian_with_free_edges(u, m);
    each_face([&](Index a, Index b) {
      const double slope = 0.5 * (p.row(a) - p.row(b)).dot(adjoint.row(a) - adjoint.row(b)) / (h * h);
      g[a] += slope * k[a];
      g[b] += slope * k[b];
    });
    each_edge([&](Index a) { g[a] += p.row(a).dot(adjoint.row(a)) * k[a] / (h * h); });
    g += beta * rough;
    return 0.5 * r.squaredNorm() / (m * m) + 0.5 * beta * u.dot(rough);
  }

 private:
  using Sparse = Eigen::SparseMatrix<double>;
  static constexpr Index m = 24;
  static constexpr double h = 1.0 / (m + 1), beta = 1e-4, pi = 3.141592653589793;

  template <class Visit>
  static void each_face(Visit visit) {
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < m; ++j) {
        if (j + 1 < m) visit(i * m + j, i * m + j + 1);
        if (i + 1 < m) visit(i * m + j, (i + 1) * m + j);
      }
  }
  template <class Visit>
  static void each_edge(Visit visit) {  // a corner twice
    for (Index j = 0; j < m; ++j)
      for (const Index a : {j, (m - 1) * m + j, j * m, j * m + m - 1}) visit(a);
  }
  static Sparse operator_of(const Vector& k) {
    std::vector<Eigen::Triplet<double>> entries;
    each_face([&](Index a, Index b) {
      const double c = 0.5 * (k[a] + k[b]) / (h * h);
      for (const auto& [row, column, value] : {std::tuple(a, a, c), {b, b, c}, {a, b, -c}, {b, a, -c}})
        entries.emplace_back(static_cast<int>(row), static_cast<int>(column), value);
    });
    each_edge(
        [&](Index a) { entries.emplace_back(static_cast<int>(a), static_cast<int>(a), k[a] / (h * h)); });
    Sparse matrix(m * m, m * m);
    matrix.setFromTriplets(entries.begin(), entries.end());
    return matrix;
  }

  Matrix sources_, seen_;
  double unit_ = 1.0;
};

FunctionObjective conductivity() {
  const auto problem = std::make_shared<Conductivity>();
  return {Vector::Zero(24 * 24), [problem](const Vector& u, Vector& g) { return (*problem)(u, g); }};
}

}  // namespace

std::vector<SmoothProblem> smooth_grids() {
  return {smooth_problem("Poisson equation, 24 x 24",
                         [] { return test::grid_quadratic(24, Vector::Zero(576), normal_numbers(576, 5)); }),
          smooth_problem("minimal surface, 20 x 20", minimal_surface),
          smooth_problem("conductivity, 24 x 24", conductivity),
          smooth_problem("torsion, 64 x 64", [] { return torsion(64); }),
          {"heat inversion, 64 x 64, as shipped",
           [] { return std::make_shared<HeatInversion>(HeatInversionOptions{}); }}};
}

}  // namespace optex::bench
