#pragma once

#include <string>
#include <string_view>

namespace optex {

bool is_utf8(std::string_view text);

/// "UTF-32" or "UTF-16" where a text begins with the mark of that; null otherwise. iconv knows these names.
const char* marked_encoding(std::string_view text);

/// The text itself when it is UTF-8; otherwise bytes that are not are taken for Latin-1, which they mostly
/// are.
std::string as_utf8(std::string_view text);

}  // namespace optex
