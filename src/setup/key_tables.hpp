#pragma once

#include "optex/setup/catalogue.hpp"

#include <vector>

#include "key_rows.hpp"

/// The rows of the schema by what they are about, section by section in the order of the help. A condition
/// may name any key: a key's section and place decide only what the user reads.
namespace optex {

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
