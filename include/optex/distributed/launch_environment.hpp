#pragma once

#include <functional>
#include <optional>
#include <string>

namespace optex {

/// The value of an environment variable, or null.
using EnvironmentLookup = std::function<const char*(const char*)>;

/// Notices when a launcher started several copies of the program that do not know of each other: each then
/// sees a world of one rank and would do the whole run again over the same files. Returns what is wrong and
/// the remedy, or nothing. `world_size` is what MPI says; `library` names the MPI library for the message.
std::optional<std::string> unconnected_copies(int world_size, const std::string& library,
                                              const EnvironmentLookup& environment);

}  // namespace optex
