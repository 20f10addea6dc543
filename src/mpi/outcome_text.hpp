#pragma once

#include "optex/core/errors.hpp"
#include "optex/driver/observer.hpp"

#include <string>
#include <string_view>

namespace optex {

/// An outcome as bytes, for ranks of one program on one kind of machine.
std::string to_bytes(const Outcome& outcome);
/// Throws Error (internal) when the bytes are not of to_bytes().
Outcome outcome_from(std::string_view bytes);

}  // namespace optex
