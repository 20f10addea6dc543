#include "optex/kernels/rational_quadratic.hpp"

#include <algorithm>

namespace optex {

double RationalQuadratic::operator()(double q) const { return 1.0 / (1.0 + 0.5 * std::max(q, 0.0)); }

}  // namespace optex
