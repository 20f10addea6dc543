#pragma once

#include "optex/report/report.hpp"

#include <string>

namespace optex {

/// The numbers that the interactive charts draw, as JSON that may stand within <script>. About 60 bytes a
/// row.
std::string page_data(const Report& report);

}  // namespace optex
