#pragma once

#include <string>

namespace optex {

/// Of the machine that this process runs on; "unknown" when it has none.
std::string host_name();

}  // namespace optex
