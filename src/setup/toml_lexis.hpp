#pragma once

#include <string>
#include <string_view>

namespace optex {

/// Refuses, with line and column, malformed TOML that toml++ 3.3 (Debian 12) must not be given: a character
/// beyond ASCII outside of strings and comments ("é = 1") runs into undefined behaviour there, a header
/// without a name
/// ("[[[") into an assertion, a name of 100 000 parts out of the stack. Everything else passes, right or
/// wrong. Throws UsageError. Cost: one pass.
void check_lexis(std::string_view text, const std::string& file);

}  // namespace optex
