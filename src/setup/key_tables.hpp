#pragma once

#include "optex/setup/catalogue.hpp"
#include "optex/setup/schema.hpp"

#include <vector>

/// The rows of the schema by what they are about, section by section in the order of the help. A condition
/// may name any key: a key's section and place decide only what the user reads.
namespace optex {

inline constexpr Range positive{.min = 0.0, .open_min = true};
inline constexpr Range not_negative{.min = 0.0};
inline constexpr Range at_least_one{.min = 1.0};
/// Of integers: so many that sums and products with what they meet stay within 64 bits.
inline constexpr double largest_count = 1e15;
inline constexpr Range count_or_none{.min = 0.0, .max = largest_count};
inline constexpr Range count_from_one{.min = 1.0, .max = largest_count};

/// method.name is one of those.
Condition methods_that(bool (*holds)(const MethodTraits&));

/// [problem], [problem.noise], [problem.cost]
std::vector<Key> problem_keys();
/// Its parts that stand beside what reads them: build_data_problems.cpp, build_dqn.cpp,
/// build_heat_inversion.cpp.
std::vector<Key> learning_keys();
std::vector<Key> dqn_keys();
std::vector<Key> heat_inversion_keys();
/// [data]
std::vector<Key> data_keys();
/// [optimizer], [method] with those of the update rules, [estimator]: beside what they build
std::vector<Key> optimizer_keys();
std::vector<Key> method_keys();
std::vector<Key> rule_keys();
std::vector<Key> estimator_keys();
/// [parallel], [stop], [checkpoint], [failure], [log]: what changes no number
std::vector<Key> conduct_keys();

}  // namespace optex
