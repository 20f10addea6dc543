#pragma once

#include "optex/kernels/kernel.hpp"

namespace optex {

/// exp(-r), r = sqrt(q): continuous, nowhere differentiable.
class Matern12 final : public Kernel {
 public:
  double operator()(double q) const override;
};

/// (1 + sqrt(3) r) exp(-sqrt(3) r): once differentiable.
class Matern32 final : public Kernel {
 public:
  double operator()(double q) const override;
};

/// (1 + sqrt(5) r + 5 q / 3) exp(-sqrt(5) r): twice differentiable.
class Matern52 final : public Kernel {
 public:
  double operator()(double q) const override;
};

}  // namespace optex
