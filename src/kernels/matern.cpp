#include "optex/kernels/matern.hpp"

#include <algorithm>
#include <cmath>

namespace optex {

double Matern12::operator()(double q) const { return std::exp(-std::sqrt(std::max(q, 0.0))); }

double Matern32::operator()(double q) const {
  const double s = std::sqrt(3.0 * std::max(q, 0.0));
  return (1.0 + s) * std::exp(-s);
}

double Matern52::operator()(double q) const {
  const double s = std::sqrt(5.0 * std::max(q, 0.0));
  return (1.0 + s + s * s / 3.0) * std::exp(-s);
}

}  // namespace optex
