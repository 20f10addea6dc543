#include "optex/optimizers/rmsprop.hpp"

#include <cmath>

namespace optex {

void RmsProp::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                     Matrix& moments) const {
  const double rate = options_.learning_rate.at(step);
  const double alpha = options_.alpha;
  double* const x = theta.data();
  const double* const g = gradient.data();
  double* const v = moments.col(0).data() + first;
  double* const b = moment_count() == 2 ? moments.col(1).data() + first : nullptr;
  for (Index i = 0; i < theta.size(); ++i) {
    const double slope = g[i] + options_.weight_decay * x[i];
    v[i] = alpha * v[i] + (1.0 - alpha) * slope * slope;
    double direction = slope / (std::sqrt(v[i]) + options_.epsilon);
    if (b != nullptr) direction = b[i] = options_.momentum * b[i] + direction;
    x[i] -= rate * direction;
  }
}

}  // namespace optex
