#pragma once

#include <string_view>

namespace optex {

/// The page's style sheet.
std::string_view page_style();

}  // namespace optex
