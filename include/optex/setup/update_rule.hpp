#pragma once

#include "optex/methods/rule_choice.hpp"
#include "optex/setup/catalogue.hpp"

#include <string>

namespace optex {

/// What the configuration says of the run; dimension: 0 where it is not known.
RunTraits traits_of(const Config& config, Index dimension);

/// `method.update`, with auto replaced by what it takes (rule_choice.hpp) as far as the configuration tells:
/// gradients that are not declared noisy are taken for exact.
std::string effective_update(const Config& config, Index dimension = 0);

/// Of the configured method, or of the update rule that it takes.
const MethodTraits& effective_traits(const Config& config, Index dimension = 0);

}  // namespace optex
