#pragma once

#include "optex/kernels/kernel.hpp"

namespace optex {

/// 1 / (1 + q/2): a mixture of lengthscales.
class RationalQuadratic final : public Kernel {
 public:
  double operator()(double q) const override;
};

}  // namespace optex
