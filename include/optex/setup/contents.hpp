#pragma once

#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"

#include <string>
#include <utility>
#include <vector>

/// What a run's files hold decides, not where they are.
namespace optex {

/// Keys that name a file, with a hash of what is in it, in the order of the schema. One whose file is gone is
/// missing.
using ContentHashes = std::vector<std::pair<std::string, std::string>>;

ContentHashes content_hashes(const Config& config, const Problem& problem);

/// Identifies the rounds that follow from a given state: a hash of all keys that determine them, of files
/// that are read in every round their contents. Neither the start nor data.test count. Without files
/// Config::numbers_hash().
std::string rounds_identity(const Config& config, const Problem& problem);

/// The keys, for people, by which two runs give different numbers; empty when they are the same run. Files
/// whose contents are known on both sides are compared by these alone.
std::string differences_in_numbers(const Config& first, const ContentHashes& in_first, const Config& second,
                                   const ContentHashes& in_second);

}  // namespace optex
