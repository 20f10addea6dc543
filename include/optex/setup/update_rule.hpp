#pragma once

#include <string>

namespace optex {

class Config;

/// What `method.update = "auto"` takes for exact gradients: two_track where it can be used (N >= 2, Matern
/// 5/2 with the constant prior mean, likelihood or fixed lengthscale, all coordinates), else replay.
std::string rule_for_exact_gradients(const Config& config);

/// ... and for noisy ones: whitened when the optimizer is plain Adam, whose keys it takes, else sequence.
std::string rule_for_noisy_gradients(const Config& config);

/// `method.update`, with auto replaced by what it takes as far as the configuration tells: gradients that are
/// not declared noisy are taken for exact.
std::string effective_update(const Config& config);

}  // namespace optex
