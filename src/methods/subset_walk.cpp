#include "optex/methods/subset_walk.hpp"

#include <algorithm>

namespace optex {
bool SubsetWalk::is_possible(const Posterior& posterior, const Optimizer& optimizer) {
  const std::vector<std::int64_t>& coordinates = posterior.history().coordinates();
  return !coordinates.empty() && saves(std::ssize(coordinates), posterior.history().dimension()) &&
         posterior.hyperparameters().slope == 0.0 && optimizer.restricted_to(coordinates) != nullptr;
}

SubsetWalk::SubsetWalk(const Posterior& posterior, const Optimizer& optimizer, ConstVectorRef theta,
                       const OptimizerState& state)
    : posterior_(posterior),
      history_(posterior.history()),
      rule_(optimizer.restricted_to(history_.coordinates())),
      gradients_(history_.gradients_at_coordinates()),
      products_(history_.squared_gradient_distances()),
      part_(theta(history_.coordinates())),
      state_{state.step, Matrix(state.moments(history_.coordinates(), Eigen::all))} {
  // From |g_i - g_j|^2 by the parallelogram law.
  const Index n = history_.size();
  const Vector squared =
      field().about_newest ? Vector(products_.col(n - 1)) : history_.squared_gradient_norms();
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i) products_(i, j) = 0.5 * (squared[i] + squared[j] - products_(i, j));
  arrive();
}

void SubsetWalk::arrive() {
  Vector distances(history_.size());
  history_.squared_distances_at_coordinates(part_, distances);
  here_ = posterior_.weighting_at(distances);
}

double SubsetWalk::squared_error_at(Index entry) const {
  Vector error = here_.weights;
  error[entry] -= 1.0;
  return std::max(0.0, error.dot(products_ * error));
}

void SubsetWalk::advance() {
  // In the order of GradientHistory's own sums, so that the digits are the same.
  const FieldWeights field = this->field();
  const Index n = history_.size(), last = field.about_newest ? n - 1 : n;
  const Vector origin = field.about_newest ? Vector(gradients_.col(n - 1)) : Vector::Zero(part_.size());
  Vector mean = origin;
  for (Index i = 0; i < last; ++i) mean += field.weights[i] * (gradients_.col(i) - origin);
  take_step(mean);
}

void SubsetWalk::advance_along(ConstVectorRef gradient) {
  take_step(Vector(gradient(history_.coordinates())));
}

void SubsetWalk::take_step(const Vector& gradient) {
  rule_->update(++state_.step, 0, part_, gradient, state_.moments);
  arrive();
}

}  // namespace optex
