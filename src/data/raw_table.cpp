#include "optex/data/raw_table.hpp"

#include <fmt/format.h>

namespace optex {

Index RawTable::samples_kept() const {
  if (is_sparse) return static_cast<Index>(starts.size()) - 1;
  return features == 0 ? 0 : static_cast<Index>(values.size()) / features;
}

std::string RawTable::place(std::size_t sample) const { return fmt::format("{}:{}", source, lines[sample]); }

}  // namespace optex
