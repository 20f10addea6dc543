#include "optex/optimizers/adam.hpp"

#include "optex/core/vector_clones.hpp"

#include <cmath>

namespace optex {
namespace {

struct AdamCoefficients {
  double beta1, beta2, scaled_rate, root_scale, epsilon, shrink, coupled_decay;
};

OPTEX_VECTOR_CLONES
void adam_update(const AdamCoefficients& k, Index size, const double* __restrict g, double* __restrict x,
                 double* __restrict m, double* __restrict v) {
  const auto [beta1, beta2, scaled_rate, root_scale, epsilon, shrink, coupled_decay] = k;
  for (Index i = 0; i < size; ++i) {
    const double slope = g[i] + coupled_decay * x[i];
    m[i] = beta1 * m[i] + (1.0 - beta1) * slope;
    v[i] = beta2 * v[i] + (1.0 - beta2) * slope * slope;
    x[i] = shrink * x[i] - scaled_rate * m[i] / (std::sqrt(v[i]) * root_scale + epsilon);
  }
}

}  // namespace

void Adam::update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                  Matrix& moments) const {
  const double rate = options_.learning_rate.at(step);
  const double t = static_cast<double>(step);
  // The bias corrections leave the loop: one square root and one division a coordinate remain.
  const AdamCoefficients coefficients{
      .beta1 = options_.beta1,
      .beta2 = options_.beta2,
      .scaled_rate = rate / (1.0 - std::pow(options_.beta1, t)),
      .root_scale = 1.0 / std::sqrt(1.0 - std::pow(options_.beta2, t)),
      .epsilon = options_.epsilon,
      .shrink = options_.decoupled_decay ? 1.0 - rate * options_.weight_decay : 1.0,
      .coupled_decay = options_.decoupled_decay ? 0.0 : options_.weight_decay};
  adam_update(coefficients, theta.size(), gradient.data(), theta.data(), moments.col(0).data() + first,
              moments.col(1).data() + first);
}

}  // namespace optex
