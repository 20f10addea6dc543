#pragma once

#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"

#include <string>

/// A run's files may be moved: what counts is what they hold. A checkpoint says so in lines "KEY = FILE HASH"
/// (RunDescription::coordinate_files); those that begin with "# " are looked at only when the key names
/// another file than it did.
namespace optex {

/// The lines "# KEY = FILE HASH" of the start and the test data. A start that is gone has none.
std::string hashes_of_places(const Config& config, const Problem& problem);

/// The keys, for people, in which `stored` differs from `config`, files with the same content left out. Data
/// that are learnt from, bounds, units and plug-ins count as the same here: their hashes are compared in any
/// case.
/// stored_hashes, hashes: all lines of the checkpoint and of this run.
std::string differences_beyond_places(const Config& stored, const Config& config,
                                      const std::string& stored_hashes, const std::string& hashes);

}  // namespace optex
