#pragma once

#include <string>
#include <string_view>

namespace optex {

/// Text for HTML, SVG and attributes within double quotes; bytes that are not UTF-8 become '?', control
/// characters blanks.
std::string escaped(std::string_view text);

}  // namespace optex
