#pragma once

#include "optex/setup/schema.hpp"

#include <vector>

/// The rows of the schema by what they are about, section by section in the order of the help. A condition
/// may name any key: a key's section and place decide only what the user reads.
namespace optex {

inline constexpr Range positive{.min = 0.0, .open_min = true};
inline constexpr Range not_negative{.min = 0.0};
inline constexpr Range at_least_one{.min = 1.0};

/// [problem], [problem.noise], [problem.cost]
std::vector<Key> problem_keys();
/// [data]
std::vector<Key> data_keys();
/// [optimizer], [method], [estimator]
std::vector<Key> method_keys();
/// [parallel], [stop], [checkpoint], [failure], [log]: what changes no number
std::vector<Key> conduct_keys();

}  // namespace optex
