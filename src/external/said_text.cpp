#include "said_text.hpp"

#include "optex/text/utf8.hpp"

#include <algorithm>
#include <cstddef>

namespace optex {

std::string said_text(std::string_view text) {
  constexpr std::size_t longest_cut = 3;
  for (std::size_t cut = 1; cut <= std::min(longest_cut, text.size()); ++cut) {
    const auto lead = static_cast<unsigned char>(text[text.size() - cut]);
    if ((lead & 0xC0U) == 0x80U) continue;  // within a character: it begins further in front
    const std::size_t length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
    if (length > cut) text.remove_suffix(cut);
    break;
  }
  return as_utf8(text);
}

}  // namespace optex
