#pragma once

#include <string>
#include <string_view>

namespace optex {

/// Text from files, other programs and other people for a line on the screen: control characters (line ends,
/// escape sequences that recolour, rename or clear a terminal, the 8-bit ones in UTF-8 too) become spaces.
std::string printable(std::string_view text);

}  // namespace optex
