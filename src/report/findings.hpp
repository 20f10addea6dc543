#pragma once

#include "optex/report/report.hpp"

#include <string>
#include <vector>

namespace optex {

/// What there is to see in a report, in sentences: who was first, how runs ended, where the time went, what
/// the chain was worth. Uses all other members of the report.
std::vector<std::string> findings_of(const Report& report);

}  // namespace optex
