#pragma once

#include "optex/setup/schema.hpp"

#include <string>

namespace optex {

/// What a key takes, for help: "number > 0", "a | b | number". describe_values() is for errors.
std::string values_in_short(const Key& key);

}  // namespace optex
