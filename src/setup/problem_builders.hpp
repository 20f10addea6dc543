#pragma once

#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"
#include "optex/setup/data_share.hpp"

/// How the larger problems are made out of a configuration.
namespace optex {

Problem build_logistic(const Config& config);
Problem build_softmax(const Config& config);
Problem build_mlp(const Config& config);
Problem build_char_lm(const Config& config);
/// Those above, on a part of their data.
Problem build_with_share(const Config& config, const DataShare& share);
Problem build_dqn(const Config& config);
Problem build_heat_inversion(const Config& config);

}  // namespace optex
