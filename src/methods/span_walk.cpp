#include "optex/methods/span_walk.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>

namespace optex {

bool SpanWalk::is_possible(const Optimizer& optimizer) { return optimizer.linear_rule().has_value(); }

SpanWalk::SpanWalk(const Posterior& posterior, const Optimizer& optimizer, ConstVectorRef theta,
                   const OptimizerState& state)
    : posterior_(posterior),
      history_(posterior.history()),
      rule_(*optimizer.linear_rule()),
      entries_(history_.size()),
      newest_gradient_(history_.gradient(entries_ - 1)),
      start_offset_(theta - history_.theta(entries_ - 1)),
      products_(Matrix::Zero(2 * entries_ + 3, 2 * entries_ + 3)),
      offset_(Coefficients::Zero(2 * entries_ + 3)),
      velocity_(Coefficients::Zero(2 * entries_ + 3)),
      step_(state.step) {
  const Index n = entries_;
  const Matrix theta_distances = history_.squared_distances();
  const Matrix gradient_distances = history_.squared_gradient_distances();
  products_.block(n, 0, n, n) = history_.cross_products_about_newest().transpose();
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i) {
      products_(x(i), x(j)) =
          0.5 * (theta_distances(i, n - 1) + theta_distances(j, n - 1) - theta_distances(i, j));
      products_(r(i), r(j)) =
          0.5 * (gradient_distances(i, n - 1) + gradient_distances(j, n - 1) - gradient_distances(i, j));
    }
  const auto place = [&](Index row, const Vector& v) {
    Vector on_x(n), on_r(n);
    history_.products_about_newest(v, on_x, on_r);
    products_.row(row).head(n) = on_x.transpose();
    products_.row(row).segment(n, n) = on_r.transpose();
    products_(row, newest_gradient()) = dot(v, newest_gradient_);
    products_(row, start()) = dot(v, start_offset_);
    products_(row, row) = squared_norm(v);
  };
  place(newest_gradient(), newest_gradient_);
  place(start(), start_offset_);
  if (rule_.momentum != 0.0) {
    first_velocity_ = state.moments.col(0);
    place(first_velocity(), first_velocity_);
    velocity_[first_velocity()] = 1.0;
  }
  products_.triangularView<Eigen::StrictlyUpper>() = products_.transpose();
  offset_[start()] = 1.0;
  arrive();
}

/// The weights at the present place, from |theta - theta_i|^2 = |offset - x_i|^2.
void SpanWalk::arrive() {
  const Coefficients image = products_ * offset_;
  const double length = offset_.dot(image);
  Vector distances(entries_);
  for (Index i = 0; i < entries_; ++i)
    distances[i] = std::max(0.0, length - 2.0 * image[x(i)] + products_(x(i), x(i)));
  here_ = posterior_.weighting_at(distances);
}

SpanWalk::Coefficients SpanWalk::prediction() const {
  const FieldWeights field = posterior_.field(here_.weights);
  Coefficients mean = Coefficients::Zero(offset_.size());
  mean.segment(entries_, entries_) = field.weights;
  // sum_i w_i g_i = (sum_i w_i) g_n + sum_i w_i r_i
  mean[newest_gradient()] += field.about_newest ? 1.0 : field.weights.sum();
  return mean;
}

double SpanWalk::squared_error_at(Index entry) const {
  Coefficients error = prediction();
  error[newest_gradient()] -= 1.0;
  error[r(entry)] -= 1.0;
  return std::max(0.0, error.dot(products_ * error));
}

void SpanWalk::advance() { take_step(prediction()); }

void SpanWalk::advance_along(Index entry) {
  Coefficients gradient = Coefficients::Zero(offset_.size());
  gradient[newest_gradient()] = 1.0;
  gradient[r(entry)] += 1.0;
  take_step(gradient);
}

void SpanWalk::take_step(const Coefficients& gradient) {
  const double rate = rule_.learning_rate.at(++step_);
  if (rule_.momentum == 0.0) {
    offset_ -= rate * gradient;
  } else {
    velocity_ = rule_.momentum * velocity_ + gradient;
    offset_ -= rate * (rule_.nesterov ? Coefficients(gradient + rule_.momentum * velocity_) : velocity_);
  }
  arrive();
}

void SpanWalk::realise(const std::vector<Wanted>& wanted) const {
  const auto count = static_cast<Index>(wanted.size());
  Matrix on_x(entries_, count), on_r(entries_, count);
  std::vector<double*> outs;
  for (Index k = 0; k < count; ++k) {
    const Wanted& one = wanted[static_cast<std::size_t>(k)];
    on_x.col(k) = one.coefficients.head(entries_);
    on_r.col(k) = one.coefficients.segment(entries_, entries_);
    Vector& out = *one.out;
    out = one.coefficients[newest_gradient()] * newest_gradient_ + one.coefficients[start()] * start_offset_;
    if (first_velocity_.size() > 0) out += one.coefficients[first_velocity()] * first_velocity_;
    if (one.is_point) out += history_.theta(entries_ - 1);
    outs.push_back(out.data());
  }
  history_.add_combinations(on_x, on_r, outs);
}

}  // namespace optex
