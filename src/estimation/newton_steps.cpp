#include "optex/estimation/newton_steps.hpp"

#include "optex/core/reductions.hpp"

#include <Eigen/LU>

namespace optex {

NewtonSteps::NewtonSteps(const Posterior& posterior, const HistoryInUnits& history, const Matern52& kernel,
                         ConstVectorRef b, ConstVectorRef gradient_at_b)
    : posterior_(posterior), history_(history), gradient_(gradient_at_b) {
  const Index n = history.size();
  const double slope = posterior.hyperparameters().slope;
  const double lengthscale = posterior.hyperparameters().lengthscale;

  Vector distances(n);
  history.squared_distances_to(b, distances);
  const Vector weight = distances.unaryExpr([&](double r2) {
    return kernel.slope(r2 / (lengthscale * lengthscale)) / (lengthscale * lengthscale);
  });

  // All about the newest entry n: x_i = theta_i - theta_n, r_j = g_j - g_n, u = b - theta_n.
  const Vector u = b - history.theta(n - 1);
  Vector u_on_x(n), u_on_r(n), gradient_on_x(n), unused(n);
  history.products_about_newest(u, u_on_x, u_on_r);
  history.products_about_newest(gradient_, gradient_on_x, unused);
  const Matrix pairwise = history.squared_distances();
  const Matrix x_on_r = history.cross_products_about_newest();

  slopes_on_gradient_ = weight.cwiseProduct(Vector::Constant(n, dot(u, gradient_)) - gradient_on_x);
  Matrix products(n, n);  // (b - theta_i)'(r_j - gamma x_j)
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i) {
      const double x_on_x = 0.5 * (pairwise(i, n - 1) + pairwise(j, n - 1) - pairwise(i, j));
      products(i, j) = (u_on_r[j] - x_on_r(i, j)) - slope * (u_on_x[j] - x_on_x);
    }
  // C' = (R - gamma X)' Q with Q symmetric.
  slopes_on_mean_ = weight.asDiagonal() * posterior.without_constant(products.transpose()).transpose();
}

Vector NewtonSteps::step(double damping) const {
  const Index n = history_.size();
  const double slope = posterior_.hyperparameters().slope;
  const double h = slope + damping;
  const Matrix system = Matrix::Identity(n, n) + slopes_on_mean_ / h;
  const Vector solved = system.partialPivLu().solve(slopes_on_gradient_);
  const Vector weights = posterior_.without_constant(solved);
  Vector correction(gradient_.size());  // C' y
  history_.combine_about_newest(-slope * weights, weights, correction);
  return -(gradient_ - correction / h) / h;
}

}  // namespace optex
