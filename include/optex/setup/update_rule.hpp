#pragma once

#include "optex/methods/rule_choice.hpp"

#include <string>

namespace optex {

class Config;

/// What the configuration says of the run; dimension: 0 where it is not known.
RunTraits traits_of(const Config& config, Index dimension);

/// `method.update`, with auto replaced by what it takes (rule_choice.hpp) as far as the configuration tells:
/// gradients that are not declared noisy are taken for exact.
std::string effective_update(const Config& config, Index dimension = 0);

}  // namespace optex
