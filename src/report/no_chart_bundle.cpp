#include "chart_bundle.hpp"

namespace optex {

std::string chart_bundle() { return {}; }

std::string chart_bundle_sha256() { return {}; }

}  // namespace optex
