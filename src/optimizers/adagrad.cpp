#include "optex/optimizers/adagrad.hpp"

#include "optex/core/vector_clones.hpp"

#include <cmath>

namespace optex {
namespace {

OPTEX_VECTOR_CLONES
void adagrad_update(double rate, double epsilon, double decay, Index size, const double* __restrict g,
                    double* __restrict x, double* __restrict s) {
  for (Index i = 0; i < size; ++i) {
    const double slope = g[i] + decay * x[i];
    s[i] += slope * slope;
    x[i] -= rate * slope / (std::sqrt(s[i]) + epsilon);
  }
}

}  // namespace

void AdaGrad::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                     Matrix& moments) const {
  adagrad_update(options_.learning_rate.at(step), options_.epsilon, options_.weight_decay, theta.size(),
                 gradient.data(), theta.data(), moments.col(0).data() + first);
}

}  // namespace optex
