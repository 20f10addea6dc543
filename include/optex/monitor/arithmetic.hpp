#pragma once

#include "optex/files/folder.hpp"

#include <optional>
#include <string>
#include <vector>

namespace optex {

/// What this process's elementary functions give: the features of the processor by which the mathematical
/// library chooses between its variants (they differ in last bits), the library's version, and a hash of some
/// thousand values. Equal texts: the same digits.
std::string arithmetic_here();

/// One line that names the ranks whose arithmetic is not rank 0's; nothing when all are alike. `of_rank` and
/// `host_of_rank`: rank 0 first.
std::optional<std::string> uneven_arithmetic(const std::vector<std::string>& of_rank,
                                             const std::vector<std::string>& host_of_rank);

/// One line when the last start that provenance.json tells of had another arithmetic; nothing when it says
/// none.
std::optional<std::string> other_arithmetic_before(const files::Place& provenance_file,
                                                   const std::string& now);

}  // namespace optex
