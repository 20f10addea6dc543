#include "optex/setup/update_rule.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/footprint.hpp"

#include "configurations.hpp"
#include <gmock/gmock.h>

namespace optex {
namespace {

using test::mistakes_in;
using test::sphere_with;
using testing::ElementsAre;
using testing::HasSubstr;

const Override noise{"problem.noise.kind", "gaussian"};
const Override sigma{"problem.noise.sigma", "0.1"};

TEST(UpdateRule, AutoTakesTheSurrogateForExactGradientsWhereItCan) {
  EXPECT_EQ(effective_update(sphere_with()), "surrogate");
  EXPECT_EQ(effective_update(sphere_with({{"method.parallelism", "1"}})), "surrogate");
  EXPECT_EQ(effective_update(sphere_with({{"estimator.kernel", "rbf"}})), "replay");
  EXPECT_EQ(effective_update(sphere_with({{"estimator.prior_mean", "zero"}})), "replay");
  EXPECT_EQ(effective_update(sphere_with({{"estimator.lengthscale", "2.5"}})), "replay");
  EXPECT_EQ(effective_update(sphere_with({{"estimator.precision", "f32"}})), "replay");
  EXPECT_EQ(effective_update(sphere_with({{"estimator.name", "mean"}})), "replay");
  EXPECT_EQ(effective_update(sphere_with({{"parallel.spread_history", "true"}})), "surrogate");
  EXPECT_EQ(effective_update(sphere_with({{"parallel.spread_history", "true"}, {"problem.lower", "-1"}})),
            "replay");
  EXPECT_EQ(effective_update(sphere_with({{"failure.quorum", "0.5"}})), "surrogate");
  EXPECT_EQ(effective_update(sphere_with(), most_for_surrogate + 1), "replay");
}

TEST(UpdateRule, AResolvedConfigurationTakesWhatItCameFromTakes) {
  const Config config = sphere_with();
  EXPECT_EQ(effective_update(parse_config(config.to_toml(), "resolved.toml")), effective_update(config));
}

TEST(UpdateRule, AutoWhitensDeclaredNoiseWithAdamsKeys) {
  EXPECT_EQ(effective_update(sphere_with({noise, sigma})), "whitened");
  EXPECT_EQ(effective_update(sphere_with({noise, sigma, {"optimizer.name", "sgd"}})), "sequence");
  EXPECT_EQ(effective_update(sphere_with({noise, sigma, {"optimizer.weight_decay", "0.1"}})), "sequence");
  EXPECT_EQ(effective_update(sphere_with({noise, sigma, {"optimizer.warmup_steps", "5"}})), "sequence");
  EXPECT_EQ(effective_update(sphere_with({noise, sigma, {"estimator.name", "mean"}})), "sequence");
}

TEST(UpdateRule, WhatWasAskedForIsTaken) {
  for (const std::string rule : {"replay", "sequence", "last"})
    EXPECT_EQ(effective_update(sphere_with({noise, sigma, {"method.update", rule}})), rule);
  EXPECT_EQ(effective_update(sphere_with({{"method.preset", "paper"}})), "last");
}

TEST(UpdateRule, EveryCombinationRunsAndKeepsTheHistoryThatWasFootprinted) {
  for (const std::string optimizer : {"adam", "momentum"}) {
    for (const std::string name : {"gp", "mean"}) {
      for (const bool noisy : {false, true}) {
        std::vector<Override> overrides{
            {"optimizer.name", optimizer}, {"estimator.name", name}, {"problem.dimension", "5"}};
        if (noisy) overrides.insert(overrides.end(), {noise, sigma, {"method.batches_per_point", "2"}});
        const Config config = sphere_with(overrides);
        const Problem problem = assemble_problem(config);
        SerialEvaluator evaluator(*problem.objective);
        const auto method = assemble_method(config, evaluator);
        RunState run = method->initial_state(assemble_start(config, *problem.objective));
        for (int t = 0; t < 3; ++t) EXPECT_EQ(method->iterate(run).update, effective_update(config));
        EXPECT_EQ(run.history.capacity(), history_capacity(config));
        const Index batches = noisy ? 2 : 1;
        EXPECT_EQ(run.evaluations % batches, 0);
        EXPECT_LE(run.evaluations, 1 + 3 * points_a_round(config));
      }
    }
  }
}

TEST(UpdateRule, SeveralBatchesOfTheSameGradientAreRefused) {
  EXPECT_THAT(mistakes_in("problem.name = \"sphere\"\nmethod.batches_per_point = 2\n"),
              ElementsAre(HasSubstr("file.toml:2:8: method.batches_per_point: must be 1: without")));
}

TEST(UpdateRule, WhatIsGoneIsRefusedWithARemedyUnlessItAsksForNothing) {
  const std::string start = "problem.name = \"sphere\"\n";
  EXPECT_THAT(mistakes_in(start + "method.update = \"two_track\"\n"),
              ElementsAre(HasSubstr("file.toml:2:17: method.update: 'two_track' is gone: \"surrogate\"")));
  EXPECT_THAT(mistakes_in(start + "estimator.coordinates = 10\n"),
              ElementsAre(HasSubstr("'estimator.coordinates' is gone")));
  EXPECT_THAT(mistakes_in(start + "estimator.coordinates = 0\nestimator.coordinate_choice = \"random\"\n"
                                  "method.balance = true\n"),
              ElementsAre());
}

}  // namespace
}  // namespace optex
