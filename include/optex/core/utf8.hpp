#pragma once

#include <cstddef>
#include <string_view>

namespace optex {

/// A character of UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
struct Utf8Character {
  std::size_t bytes = 0;  ///< 0: there is none
  char32_t code = 0;
};

/// The one that `text` begins with.
Utf8Character first_character(std::string_view text);

}  // namespace optex
