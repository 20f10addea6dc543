#include "optex/optimizers/adagrad.hpp"

#include <cmath>

namespace optex {

void AdaGrad::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                     Matrix& moments) const {
  const double rate = options_.learning_rate.at(step);
  double* const x = theta.data();
  const double* const g = gradient.data();
  double* const s = moments.col(0).data() + first;
  for (Index i = 0; i < theta.size(); ++i) {
    const double slope = g[i] + options_.weight_decay * x[i];
    s[i] += slope * slope;
    x[i] -= rate * slope / (std::sqrt(s[i]) + options_.epsilon);
  }
}

}  // namespace optex
