#include "chart_bundle.hpp"

namespace optex {

std::string chart_bundle() { return {}; }

}  // namespace optex
