#include "optex/setup/catalogue.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/setup/assemble.hpp"

#include <cmath>
#include <set>

#include "configurations.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::sphere_with;
using testing::HasSubstr;

/// The problem of that name with all defaults, but small data.
Config problem_config(const std::string& name) {
  std::vector<Override> overrides{{"problem.name", name}};
  if (name == "softmax" || name == "mlp") overrides.push_back({"data.source", OPTEX_TEST_DATA "/formula"});
  if (name == "plugin") overrides.push_back({"problem.library", OPTEX_TEST_PLUGIN});
  if (name == "command") overrides.push_back({"problem.command", OPTEX_TEST_COMMAND});
  if (name == "logistic" || name == "char_lm")  // a table, and a text as well
    overrides.push_back({"data.source", OPTEX_TEST_DATA "/two_kinds.svm"});
  return sphere_with(overrides);
}

template <class Build>
void expect_names_and_help(const Catalogue<Build>& catalogue) {
  std::set<std::string> names;
  for (const auto& entry : catalogue) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_FALSE(entry.help.empty()) << entry.name;
  }
}

TEST(Catalogue, EveryNameIsUniqueAndExplained) {
  expect_names_and_help(problems());
  expect_names_and_help(optimizers());
  expect_names_and_help(kernels());
  expect_names_and_help(methods());
  expect_names_and_help(updates());
}

TEST(Catalogue, EveryProblemBuildsWithItsDefaults) {
  for (const auto& entry : problems()) {
    if (entry.name == "external") continue;  // evaluated by nobody here
    const Config config = problem_config(entry.name);
    const Problem problem = assemble_problem(config);
    ASSERT_NE(problem.objective, nullptr) << entry.name;
    const Vector start = assemble_start(config, *problem.objective);
    SerialEvaluator evaluator(*problem.objective);
    evaluator.begin({1});
    evaluator.submit(point_at(SampleKey::exact(), start));
    EXPECT_TRUE(is_usable(evaluator.close().evaluations.front())) << entry.name;
  }
}

TEST(Catalogue, EveryMethodUpdateAndOptimizerRunsARound) {
  const auto run = [](const std::vector<Override>& overrides) {
    std::vector<Override> all = overrides;
    all.push_back({"problem.dimension", "20"});
    const Config config = sphere_with(all);
    const Problem problem = assemble_problem(config);
    SerialEvaluator evaluator(*problem.objective);
    const auto method = assemble_method(config, evaluator);
    RunState state = method->initial_state(assemble_start(config, *problem.objective));
    for (int round = 0; round < 4; ++round) method->iterate(state);
    EXPECT_TRUE(state.theta.allFinite());
    EXPECT_LT(state.best.value, 2.75) << overrides.front().value;  // F at the start
    return state;
  };
  for (const auto& entry : methods()) run({{"method.name", entry.name}});
  for (const auto& entry : updates()) run({{"method.update", entry.name}});
  for (const auto& entry : optimizers()) run({{"optimizer.name", entry.name}});
  for (const auto& entry : kernels()) run({{"estimator.kernel", entry.name}});
}

TEST(Catalogue, EveryKernelIsOneAtZero) {
  for (const auto& entry : kernels()) EXPECT_EQ((*entry.build())(0.0), 1.0) << entry.name;
}

TEST(Catalogue, UpdateNamesAreThoseOfTheReports) {
  for (const auto& entry : updates()) {
    if (entry.name == "auto") continue;  // reports say what it took
    const Config config = sphere_with({{"method.update", entry.name}, {"problem.dimension", "5"}});
    const Problem problem = assemble_problem(config);
    SerialEvaluator evaluator(*problem.objective);
    const auto method = assemble_method(config, evaluator);
    RunState state = method->initial_state(assemble_start(config, *problem.objective));
    EXPECT_EQ(method->iterate(state).update, entry.name);
  }
}

TEST(Catalogue, UnknownNamesAreAnsweredWithTheNearest) {
  try {
    find_entry(kernels(), "mattern52", "kernel");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("unknown kernel 'mattern52'; did you mean 'matern52'?"));
  }
}

}  // namespace
}  // namespace optex
