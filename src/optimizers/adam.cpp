#include "optex/optimizers/adam.hpp"

#include <cmath>

namespace optex {

void Adam::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                  Matrix& moments) const {
  const double rate = options_.learning_rate.at(step);
  const double beta1 = options_.beta1;
  const double beta2 = options_.beta2;
  const double t = static_cast<double>(step);
  // The bias corrections leave the loop: one square root and one division a coordinate remain.
  const double scaled_rate = rate / (1.0 - std::pow(beta1, t));
  const double root_scale = 1.0 / std::sqrt(1.0 - std::pow(beta2, t));
  const double shrink = options_.decoupled_decay ? 1.0 - rate * options_.weight_decay : 1.0;
  const double coupled_decay = options_.decoupled_decay ? 0.0 : options_.weight_decay;
  double* const x = theta.data();
  const double* const g = gradient.data();
  double* const m = moments.col(0).data() + first;
  double* const v = moments.col(1).data() + first;
  for (Index i = 0; i < theta.size(); ++i) {
    const double slope = g[i] + coupled_decay * x[i];
    m[i] = beta1 * m[i] + (1.0 - beta1) * slope;
    v[i] = beta2 * v[i] + (1.0 - beta2) * slope * slope;
    x[i] = shrink * x[i] - scaled_rate * m[i] / (std::sqrt(v[i]) * root_scale + options_.epsilon);
  }
}

}  // namespace optex
