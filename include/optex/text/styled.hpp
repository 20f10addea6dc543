#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace optex {

/// What a terminal takes.
struct TextStyle {
  bool colour = false;  ///< bold and coloured, by ANSI codes
  std::size_t width = 100;
};

enum class Style { plain, bold, dim, green, red, yellow, cyan };

/// Text in a style, or as it is.
std::string styled(std::string_view text, Style style, bool coloured);

}  // namespace optex
