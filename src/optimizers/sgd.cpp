#include "optex/optimizers/sgd.hpp"

#include "optex/core/vector_clones.hpp"

namespace optex {
namespace {

OPTEX_VECTOR_CLONES
void sgd_update(double rate, double decay, Index size, const double* __restrict g, double* __restrict x) {
  for (Index i = 0; i < size; ++i) x[i] -= rate * (g[i] + decay * x[i]);
}

OPTEX_VECTOR_CLONES
void momentum_update(double rate, double decay, double beta, Index size, const double* __restrict g,
                     double* __restrict x, double* __restrict m) {
  for (Index i = 0; i < size; ++i) {
    const double slope = g[i] + decay * x[i];
    m[i] = beta * m[i] + slope;
    x[i] -= rate * m[i];
  }
}

OPTEX_VECTOR_CLONES
void nesterov_update(double rate, double decay, double beta, Index size, const double* __restrict g,
                     double* __restrict x, double* __restrict m) {
  for (Index i = 0; i < size; ++i) {
    const double slope = g[i] + decay * x[i];
    m[i] = beta * m[i] + slope;
    x[i] -= rate * (slope + beta * m[i]);
  }
}

}  // namespace

void Sgd::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                 Matrix& moments) const {
  const double rate = options_.learning_rate.at(step);
  if (moment_count() == 0) {
    sgd_update(rate, options_.weight_decay, theta.size(), gradient.data(), theta.data());
    return;
  }
  const auto update = options_.nesterov ? nesterov_update : momentum_update;
  update(rate, options_.weight_decay, options_.momentum, theta.size(), gradient.data(), theta.data(),
         moments.col(0).data() + first);
}

}  // namespace optex
