#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace optex {

/// Keys keep their order: a line reads as it was written.
using Json = nlohmann::ordered_json;

/// One line. Doubles with the fewest digits that give the same number back, NaN and infinities as null, bytes
/// that are not UTF-8 replaced.
std::string to_line(const Json& value);

/// Several lines, for files that people open.
std::string to_page(const Json& value);

/// The time now: "2026-01-31T12:34:56.789Z".
std::string utc_time();

std::string host_name();

}  // namespace optex
