#include "optex/optimizers/rmsprop.hpp"

#include "optex/core/vector_clones.hpp"

#include <cmath>

namespace optex {
namespace {

struct RmsPropCoefficients {
  double rate, alpha, epsilon, momentum, decay;
};

OPTEX_VECTOR_CLONES
void rmsprop_update(const RmsPropCoefficients& k, Index size, const double* __restrict g,
                    double* __restrict x, double* __restrict v) {
  const auto [rate, alpha, epsilon, momentum, decay] = k;
  for (Index i = 0; i < size; ++i) {
    const double slope = g[i] + decay * x[i];
    v[i] = alpha * v[i] + (1.0 - alpha) * slope * slope;
    x[i] -= rate * (slope / (std::sqrt(v[i]) + epsilon));
  }
}

OPTEX_VECTOR_CLONES
void rmsprop_momentum_update(const RmsPropCoefficients& k, Index size, const double* __restrict g,
                             double* __restrict x, double* __restrict v, double* __restrict b) {
  const auto [rate, alpha, epsilon, momentum, decay] = k;
  for (Index i = 0; i < size; ++i) {
    const double slope = g[i] + decay * x[i];
    v[i] = alpha * v[i] + (1.0 - alpha) * slope * slope;
    b[i] = momentum * b[i] + slope / (std::sqrt(v[i]) + epsilon);
    x[i] -= rate * b[i];
  }
}

}  // namespace

void RmsProp::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                     Matrix& moments) const {
  const RmsPropCoefficients coefficients{options_.learning_rate.at(step), options_.alpha, options_.epsilon,
                                         options_.momentum, options_.weight_decay};
  double* const v = moments.col(0).data() + first;
  if (moment_count() == 1)
    rmsprop_update(coefficients, theta.size(), gradient.data(), theta.data(), v);
  else
    rmsprop_momentum_update(coefficients, theta.size(), gradient.data(), theta.data(), v,
                            moments.col(1).data() + first);
}

}  // namespace optex
