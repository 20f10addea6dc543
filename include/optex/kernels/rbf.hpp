#pragma once

#include "optex/kernels/kernel.hpp"

namespace optex {

/// exp(-q/2): infinitely smooth.
class Rbf final : public Kernel {
 public:
  double operator()(double q) const override;
};

}  // namespace optex
