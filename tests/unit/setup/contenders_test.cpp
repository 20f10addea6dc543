#include "optex/setup/contenders.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/catalogue.hpp"

#include <algorithm>

#include "configurations.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::sphere_with;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSubsetOf;
using testing::Not;
using testing::StartsWith;

const std::vector<Override> noise{{"problem.noise.kind", "gaussian"}, {"problem.noise.sigma", "0.1"}};

std::vector<Override> with(std::vector<Override> overrides, const Override& more) {
  overrides.push_back(more);
  return overrides;
}

std::string refusal(const Config& config, const std::string& name) {
  try {
    contender(config, name);
    return "none";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Contenders, EveryMethodAndUpdateRuleCanBeOne) {
  for (const auto& entry : methods()) {
    const ContenderConfig one = contender(sphere_with(), entry.name);
    EXPECT_EQ(one.config.text("method.name"), entry.name);
    EXPECT_EQ(one.config.text("problem.name"), "sphere");
    EXPECT_EQ(one.ideal, entry.name == "target");
  }
  for (const auto& entry : updates()) {
    const ContenderConfig one = contender(sphere_with({{"method.name", "vanilla"}}), entry.name);
    EXPECT_EQ(one.config.text("method.name"), "optex");
    EXPECT_EQ(one.config.text("method.update"), entry.name);
    EXPECT_EQ(one.label, entry.name);
  }
  for (const ContenderChoice& choice : contender_choices()) {
    EXPECT_FALSE(choice.help.empty());
    EXPECT_EQ(refusal(sphere_with(), choice.name), "none");
  }
}

TEST(Contenders, TheConfiguredMethodKeepsItsKeysAndOthersHaveTheirDefaults) {
  const Config config = sphere_with({{"method.update", "replay"},
                                     {"method.reach", "7"},
                                     {"method.parallelism", "6"},
                                     {"estimator.kernel", "rbf"},
                                     {"optimizer.learning_rate", "0.3"}});
  for (const char* name : {"optex", "replay"}) {
    const ContenderConfig own = contender(config, name);
    EXPECT_EQ(own.config.numbers_hash(), config.numbers_hash());
  }
  EXPECT_EQ(contender(config, "optex").label, "optex (replay)");
  const Config other = contender(config, "sequence").config;
  EXPECT_FALSE(other.has("method.reach"));
  EXPECT_EQ(other.text("estimator.kernel"), "matern52");
  EXPECT_EQ(other.integer("method.parallelism"), 6);
  EXPECT_EQ(other.real("optimizer.learning_rate"), 0.3);
  EXPECT_EQ(contender(config, "target").config.integer("method.parallelism"), 6);
  EXPECT_FALSE(contender(config, "vanilla").config.has("method.parallelism"));
}

TEST(Contenders, RecipesHaveSettingsOfTheirOwn) {
  const Config paper = contender(sphere_with(), "paper").config;
  EXPECT_EQ(paper.text("method.update"), "last");
  EXPECT_EQ(paper.text("estimator.lengthscale"), "paper");
  const Config plain = contender(sphere_with({{"method.preset", "paper"}}), "replay").config;
  EXPECT_EQ(plain.text("estimator.lengthscale"), "ml");

  const Config averaged = contender(sphere_with(noise), "data_parallel_averaged").config;
  EXPECT_EQ(averaged.text("method.average"), "tail");
  EXPECT_EQ(averaged.real("optimizer.beta1"), 0.66);
  EXPECT_EQ(contender(sphere_with(noise), "target").config.text("method.average"), "tail");
  EXPECT_EQ(contender(sphere_with(), "target").config.text("method.average"), "none");
  const Config momentum =
      contender(sphere_with(with(noise, {"optimizer.name", "momentum"})), "data_parallel_averaged").config;
  EXPECT_FALSE(momentum.has("optimizer.beta1"));
}

TEST(Contenders, KnowWhereTheirAnswersAre) {
  for (const char* name : {"vanilla", "target", "optex", "replay", "data_parallel"})
    EXPECT_FALSE(contender(sphere_with(), name).answers_elsewhere) << name;
  EXPECT_TRUE(contender(sphere_with(), "whitened").answers_elsewhere);
  EXPECT_TRUE(contender(sphere_with(), "lbfgs").tries_points);
  EXPECT_FALSE(contender(sphere_with(), "vanilla").tries_points);
  for (const char* name : {"target", "data_parallel_averaged", "whitened", "optex"})  // optex takes whitened
    EXPECT_TRUE(contender(sphere_with(noise), name).answers_elsewhere) << name;
}

TEST(Contenders, WhatDoesNotGoTogetherIsRefusedInOneLine) {
  const Config sgd = sphere_with({{"optimizer.name", "sgd"}});
  EXPECT_EQ(
      refusal(sgd, "whitened"),
      "whitened does not go with this configuration: optimizer.name: must be \"adam\" with a method that "
      "is schedule-free");
  EXPECT_EQ(refusal(sgd, "vanila"), "unknown method 'vanila'; did you mean 'vanilla'?");
  EXPECT_THAT(refusal(sgd, "best"), StartsWith("unknown method 'best'; valid: optex, vanilla"));
}

TEST(Contenders, UsualOnesFitTheGradients) {
  const std::vector<std::string> exact = usual_contenders(sphere_with());
  EXPECT_THAT((std::vector<std::string>{"vanilla", "target", "optex", "lbfgs", "lbfgs_60"}),
              IsSubsetOf(exact));
  EXPECT_EQ(contender(sphere_with(), "lbfgs_60").config.integer("method.memory"), 60);
  EXPECT_EQ(contender(sphere_with(), "lbfgs_60").points, 1);
  EXPECT_EQ(contender(sphere_with({{"method.parallelism", "6"}}), "optex").points, 6);
  for (const char* const name : {"optex", "surrogate", "lbfgs"})
    EXPECT_FALSE(contender(sphere_with(), name).takes_rate) << name;
  for (const char* const name : {"vanilla", "replay"})
    EXPECT_TRUE(contender(sphere_with(), name).takes_rate) << name;
  EXPECT_THAT(exact, Not(Contains("data_parallel")));
  for (const std::string& name : exact) EXPECT_EQ(refusal(sphere_with(), name), "none");

  const std::vector<std::string> noisy{"vanilla", "data_parallel", "data_parallel_averaged",
                                       "target",  "whitened",      "sequence"};
  for (const char* update : {"auto", "sequence"})
    EXPECT_EQ(usual_contenders(sphere_with(with(noise, {"method.update", update}))), noisy) << update;
  EXPECT_EQ(usual_contenders(sphere_with(with(noise, {"method.name", "vanilla"}))), noisy);
  EXPECT_EQ(usual_contenders(sphere_with(with(noise, {"method.update", "replay"}))).back(), "optex");
  for (const std::string& name : noisy) EXPECT_EQ(refusal(sphere_with(noise), name), "none");
}

TEST(Contenders, SeedAndRateAreAllThatChanges) {
  const Config config = sphere_with({{"optimizer.learning_rate", "0.3"}});
  EXPECT_EQ(with_seed_and_rate(config, 0, std::nullopt).to_toml(), config.to_toml());
  const Config other = with_seed_and_rate(config, 7, 1.0 / 3.0);
  EXPECT_EQ(other.integer("run.seed"), 7);
  EXPECT_EQ(other.real("optimizer.learning_rate"), 1.0 / 3.0);
  std::vector<std::string> keys;
  for (const KeyDifference& difference : differing_keys(config, other)) keys.push_back(difference.key);
  EXPECT_THAT(keys, ElementsAre("run.seed", "optimizer.learning_rate"));
}

}  // namespace
}  // namespace optex
