#include "optex/kernels/rbf.hpp"

#include <algorithm>
#include <cmath>

namespace optex {

double Rbf::operator()(double q) const { return std::exp(-0.5 * std::max(q, 0.0)); }

}  // namespace optex
