#include "optex/optimizers/sgd.hpp"

namespace optex {

void Sgd::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                 Matrix& moments) const {
  const double rate = options_.learning_rate.at(step);
  const double decay = options_.weight_decay;
  const double beta = options_.momentum;
  double* const x = theta.data();
  const double* const g = gradient.data();
  if (moment_count() == 0) {
    for (Index i = 0; i < theta.size(); ++i) x[i] -= rate * (g[i] + decay * x[i]);
    return;
  }
  double* const m = moments.col(0).data() + first;
  for (Index i = 0; i < theta.size(); ++i) {
    const double slope = g[i] + decay * x[i];
    m[i] = beta * m[i] + slope;
    x[i] -= rate * (options_.nesterov ? slope + beta * m[i] : m[i]);
  }
}

}  // namespace optex
