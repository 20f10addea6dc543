#pragma once

#include "optex/data/dataset.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace optex::test {

/// The data of tests/data/make_idx.py without the files: pixel p of sample s = (7 s + 3 p + s p) mod 256 in
/// units of 1/255, label s mod classes.
inline std::shared_ptr<const Dataset> formula_data(Index samples, Index features, Index classes,
                                                   Index first = 0) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> labels;
  for (Index s = first; s < first + samples; ++s) {
    for (Index p = 0; p < features; ++p) bytes.push_back(static_cast<std::uint8_t>(7 * s + 3 * p + s * p));
    labels.push_back(static_cast<std::int32_t>(s % classes));
  }
  return std::make_shared<const Dataset>(
      "formula", std::make_unique<ByteFeatures>(std::move(bytes), features, 1.0 / 255), std::move(labels),
      classes, "");
}

}  // namespace optex::test
