#pragma once

#include <string>
#include <string_view>

namespace optex {

/// What a plug-in or a program has said, as UTF-8; a character that was cut at the end, where its buffer was
/// full, is left out.
std::string said_text(std::string_view text);

}  // namespace optex
