#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace optex {

using ReportJson = nlohmann::ordered_json;

/// A file's object; nothing when there is no such file, when it cannot be read or holds something else.
std::optional<ReportJson> read_json_object(const std::filesystem::path& file);

/// Calls `take` with every line that has its end; those of a file that cannot be read are none. False when it
/// could not be read to its end: no regular file, or a line without end.
bool read_lines(const std::filesystem::path& file, const std::function<void(const std::string&)>& take);

/// A member as a number; NaN when it is missing, null or something else.
double number_in(const ReportJson& object, const char* name);
/// A member as a whole number; 0 when it is missing or something else.
std::int64_t integer_in(const ReportJson& object, const char* name);
/// A member as text for people (control characters are spaces); empty when it is missing or something else.
std::string text_in(const ReportJson& object, const char* name);

/// Numbers that JSON cannot hold are null, bytes that are not UTF-8 replaced.
std::string report_json_text(const ReportJson& value, int indent);

}  // namespace optex
