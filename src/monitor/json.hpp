#pragma once

#include "optex/core/objective.hpp"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace optex {

/// Keys keep their order: a line reads as it was written.
using Json = nlohmann::ordered_json;

/// One line. Doubles with the fewest digits that give the same number back, NaN and infinities as null, bytes
/// that are not UTF-8 replaced.
std::string to_line(const Json& value);

/// Several lines, for files that people open.
std::string to_page(const Json& value);

/// Values by name. Names come from the user: they are made UTF-8, and distinct.
Json to_json(const std::vector<Measure>& measures);

/// The time now: "2026-01-31T12:34:56.789Z".
std::string utc_time();

}  // namespace optex
