#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace optex {

/// A table for a terminal: columns as wide as their widest entry, two blanks between them. The first
/// `left_columns` stand to the left, the others to the right. A row may be shorter than the first: its last
/// entry then runs over. `margin` stands before every row.
std::string in_columns(const std::vector<std::vector<std::string>>& rows, std::size_t left_columns,
                       const std::string& margin = {});

}  // namespace optex
