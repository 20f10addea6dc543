#include "optex/text/styled.hpp"

#include <array>

namespace optex {

std::string styled(std::string_view text, Style style, bool coloured) {
  if (!coloured || style == Style::plain) return std::string(text);
  constexpr std::array codes = {"", "1", "2", "1;32", "1;31", "33", "36"};
  return std::string("\033[") + codes[static_cast<std::size_t>(style)] + "m" + std::string(text) + "\033[0m";
}

}  // namespace optex
