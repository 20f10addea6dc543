#pragma once

#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"

/// How the larger problems are made out of a configuration.
namespace optex {

Problem build_logistic(const Config& config);
Problem build_softmax(const Config& config);
Problem build_mlp(const Config& config);
Problem build_char_lm(const Config& config);
Problem build_dqn(const Config& config);
Problem build_heat_inversion(const Config& config);

}  // namespace optex
