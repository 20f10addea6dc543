#pragma once

#include "optex/core/types.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

/// Numbers of an independent numpy implementation (tests/data/golden*.json).
namespace optex::test {

inline nlohmann::json golden(const std::string& file = "golden.json") {
  std::ifstream stream(std::string(OPTEX_TEST_DATA) + "/" + file);
  return nlohmann::json::parse(stream);
}

inline Vector to_vector(const nlohmann::json& numbers) {
  const auto values = numbers.get<std::vector<double>>();
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

}  // namespace optex::test
