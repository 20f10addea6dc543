#pragma once

#include <functional>
#include <optional>
#include <string>

namespace optex {

/// The value of an environment variable, or null.
using EnvironmentLookup = std::function<const char*(const char*)>;

/// Several copies of the program that do not know of each other would each do the whole run over the same
/// files. These notice when a launcher started such copies, and return what is wrong and the remedy, or
/// nothing. `library` is what MPI calls itself.

/// Whether one that Open MPI understands has started this process.
bool has_launcher(const EnvironmentLookup& environment);

/// Before MPI_Init: Open MPI would end the process in there, with a page of text and exit code 1.
std::optional<std::string> unconnectable_copies(const std::string& library,
                                                const EnvironmentLookup& environment);

/// After it: other libraries make each copy a world of one rank.
std::optional<std::string> unconnected_copies(int world_size, const std::string& library,
                                              const EnvironmentLookup& environment);

}  // namespace optex
