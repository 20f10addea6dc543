#include "optex/setup/assemble.hpp"

#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/setup/contents.hpp"

#include <cmath>
#include <limits>

#include "configurations.hpp"
#include "support/temporary_folder.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::sphere_with;
using testing::HasSubstr;
using testing::IsEmpty;

/// theta after one step from (1, 1, ...) with gradient (1, 1, ...), first coordinate.
double stepped(const std::vector<Override>& overrides, int steps = 1) {
  const auto optimizer = assemble_optimizer(sphere_with(overrides));
  Vector theta = Vector::Ones(3);
  OptimizerState state = optimizer->initial_state(3);
  for (int i = 0; i < steps; ++i) optimizer->step(theta, Vector::Ones(3), state);
  return theta[0];
}

TEST(Assemble, OptimizerKeysReachTheRule) {
  EXPECT_DOUBLE_EQ(stepped({{"optimizer.name", "sgd"}, {"optimizer.learning_rate", "0.25"}}), 0.75);
  EXPECT_DOUBLE_EQ(
      stepped(
          {{"optimizer.name", "sgd"}, {"optimizer.learning_rate", "0.25"}, {"optimizer.weight_decay", "1"}}),
      0.5);
  // 1 - 0.25 - 0.25 (1 + 0.5)
  EXPECT_DOUBLE_EQ(stepped({{"optimizer.name", "momentum"},
                            {"optimizer.learning_rate", "0.25"},
                            {"optimizer.momentum", "0.5"}},
                           2),
                   0.375);
  EXPECT_DOUBLE_EQ(stepped({{"optimizer.name", "nesterov"},
                            {"optimizer.learning_rate", "0.25"},
                            {"optimizer.momentum", "0.5"}}),
                   0.625);
  EXPECT_DOUBLE_EQ(
      stepped({{"optimizer.name", "adam"}, {"optimizer.learning_rate", "0.5"}, {"optimizer.epsilon", "1"}}),
      0.75);
  EXPECT_DOUBLE_EQ(stepped({{"optimizer.name", "adamw"},
                            {"optimizer.learning_rate", "0.5"},
                            {"optimizer.epsilon", "1"},
                            {"optimizer.weight_decay", "0.5"}}),
                   0.5);
  EXPECT_DOUBLE_EQ(
      stepped(
          {{"optimizer.name", "adagrad"}, {"optimizer.learning_rate", "0.5"}, {"optimizer.epsilon", "1"}}),
      0.75);
  EXPECT_DOUBLE_EQ(stepped({{"optimizer.name", "rmsprop"},
                            {"optimizer.learning_rate", "0.5"},
                            {"optimizer.epsilon", "0.5"},
                            {"optimizer.alpha", "0.75"}}),
                   0.5);
}

TEST(Assemble, BetasReachAdam) {
  const std::vector<Override> base{{"optimizer.learning_rate", "0.1"}};
  for (const char* key : {"optimizer.beta1", "optimizer.beta2"}) {
    // Two different gradients: with equal ones the bias correction hides the betas.
    const auto second = [&](const char* value) {
      const auto optimizer =
          assemble_optimizer(sphere_with({{"optimizer.learning_rate", "0.1"}, {key, value}}));
      Vector theta = Vector::Ones(1);
      OptimizerState state = optimizer->initial_state(1);
      optimizer->step(theta, Vector::Constant(1, 1.0), state);
      optimizer->step(theta, Vector::Constant(1, 3.0), state);
      return theta[0];
    };
    EXPECT_NE(second("0.5"), second("0.6")) << key;
  }
}

TEST(Assemble, ScheduleReachesTheRule) {
  const std::vector<Override> linear{{"optimizer.name", "sgd"},
                                     {"optimizer.learning_rate", "0.5"},
                                     {"optimizer.schedule", "linear"},
                                     {"optimizer.schedule_steps", "2"}};
  EXPECT_DOUBLE_EQ(stepped(linear, 1), 0.5);
  EXPECT_DOUBLE_EQ(stepped(linear, 2), 0.25);
  EXPECT_DOUBLE_EQ(stepped(linear, 3), 0.25);
  EXPECT_DOUBLE_EQ(
      stepped(
          {{"optimizer.name", "sgd"}, {"optimizer.learning_rate", "0.5"}, {"optimizer.warmup_steps", "2"}}),
      0.75);
  const std::vector<Override> cosine{{"optimizer.name", "sgd"},
                                     {"optimizer.learning_rate", "0.5"},
                                     {"optimizer.schedule", "cosine"},
                                     {"optimizer.schedule_steps", "4"}};
  EXPECT_NE(stepped(cosine, 2), stepped(linear, 2));
}

TEST(Assemble, NoiseIsAddedWhenAskedFor) {
  EXPECT_FALSE(assemble_problem(sphere_with()).objective->is_noisy());
  const auto gradient = [](const std::vector<Override>& more) {
    std::vector<Override> overrides{{"problem.noise.sigma", "0.5"}, {"problem.dimension", "4"}};
    overrides.insert(overrides.end(), more.begin(), more.end());
    const Problem problem = assemble_problem(sphere_with(overrides));
    EXPECT_TRUE(problem.objective->is_noisy());
    Vector g(4);
    problem.objective->value_and_gradient(Vector::Ones(4), SampleKey{.seed = 1}, 0, g);
    return g;
  };
  const Vector gaussian = gradient({{"problem.noise.kind", "gaussian"}});
  const Vector laplace = gradient({{"problem.noise.kind", "laplace"}});
  const Vector student = gradient({{"problem.noise.kind", "student_t"}});
  const Vector student5 =
      gradient({{"problem.noise.kind", "student_t"}, {"problem.noise.degrees_of_freedom", "5"}});
  EXPECT_NE(gaussian, laplace);
  EXPECT_NE(laplace, student);
  EXPECT_NE(student, student5);
}

TEST(Assemble, DataKeysReachTheProblem) {
  const std::string source = std::string(OPTEX_TEST_DATA) + "/formula";
  const auto problem = [&](const std::vector<Override>& overrides) {
    const std::string text = "problem.name = \"softmax\"\ndata.source = " + toml_string(source) + "\n";
    return assemble_problem(parse_config(text, "softmax.toml", overrides));
  };
  const Problem plain = problem({});
  EXPECT_EQ(plain.objective->shard_count(), 1);
  EXPECT_FALSE(plain.objective->is_noisy());
  ASSERT_TRUE(plain.train && plain.test);
  EXPECT_GT(plain.data_bytes, 0.0);
  EXPECT_EQ(problem({{"data.shards", "3"}}).objective->shard_count(), 3);
  EXPECT_TRUE(problem({{"data.batch", "2"}}).objective->is_noisy());
  EXPECT_EQ(problem({{"data.limit", "4"}}).train->samples, 4);
  EXPECT_THROW(problem({{"data.shards", "100000"}}), UsageError);
  EXPECT_THROW(problem({{"data.source", "/nowhere/at/all"}}), IoError);
  const Vector ones = Vector::Ones(plain.objective->dimension());
  Vector gradient(ones.size());
  const double light = plain.objective->value_and_gradient(ones, SampleKey::exact(), 0, gradient);
  const double heavy =
      problem({{"problem.l2", "1"}}).objective->value_and_gradient(ones, SampleKey::exact(), 0, gradient);
  EXPECT_GT(heavy, light + 1.0);
}

TEST(Assemble, NetworkKeysReachTheProblem) {
  const std::string source = std::string(OPTEX_TEST_DATA) + "/formula";
  const auto objective = [&](const std::string& lines, const std::vector<Override>& overrides = {}) {
    const std::string text =
        "problem.name = \"mlp\"\ndata.source = " + toml_string(source) + "\n" + lines + "\n";
    return assemble_problem(parse_config(text, "mlp.toml", overrides)).objective;
  };
  const auto value = [](const Objective& of, ConstVectorRef theta) {
    Vector gradient(of.dimension());
    return of.value_and_gradient(theta, SampleKey::exact(), 0, gradient);
  };
  EXPECT_EQ(objective("")->dimension(), 13 * 128 + 129 * 64 + 65 * 4);
  const auto plain = objective("problem.hidden = [5, 3]");
  EXPECT_EQ(plain->dimension(), 13 * 5 + 6 * 3 + 4 * 4);
  EXPECT_EQ(objective("", {{"problem.hidden", "5,3"}})->initial_point(), plain->initial_point());
  EXPECT_EQ(objective("problem.hidden = []")->dimension(), 13 * 4);
  EXPECT_NE(objective("problem.hidden = [5, 3]\nrun.seed = 1")->initial_point(), plain->initial_point());
  const Vector start = plain->initial_point();
  for (const char* key :
       {"problem.activation = \"tanh\"", "problem.loss = \"squared_error\"", "problem.l2 = 0.5"})
    EXPECT_NE(value(*objective(std::string("problem.hidden = [5, 3]\n") + key), start), value(*plain, start))
        << key;
  EXPECT_EQ(objective("data.shards = 3")->shard_count(), 3);
  EXPECT_TRUE(objective("data.batch = 2")->is_noisy());
  EXPECT_THROW(objective("problem.hidden = [1000000, 1000000]"), UsageError);
}

TEST(Assemble, EstimatorKeysReachTheFit) {
  const auto fitted = [](const std::vector<Override>& overrides) {
    GradientHistory history(3, 8);
    for (int i = 0; i < 5; ++i) {
      const Vector theta = Vector::LinSpaced(3, 0.1 * i, 1.0 + 0.3 * i * i);
      history.append(theta, theta.array().square().matrix(), 0.0, i);
    }
    const auto model = assemble_estimator(sphere_with(overrides))->fit(history);
    Vector prediction(3);
    return std::tuple(model->lengthscale(), model->nugget());
  };
  EXPECT_EQ(fitted({{"estimator.lengthscale", "0.7"}, {"estimator.nugget", "1e-5"}}), std::tuple(0.7, 1e-5));
  EXPECT_EQ(std::get<1>(fitted({{"estimator.lengthscale", "paper"}})), 1e-3);
  EXPECT_NE(std::get<0>(fitted({{"estimator.lengthscale", "paper"}})),
            std::get<0>(fitted({{"estimator.lengthscale", "median"}})));
}

TEST(Assemble, ThePrecisionReachesTheHistory) {
  for (const std::string update : {"replay", "last"}) {
    for (const std::string precision : {"f64", "f32"}) {
      const Config config = sphere_with({{"method.update", update}, {"estimator.precision", precision}});
      const Problem problem = assemble_problem(config);
      SerialEvaluator evaluator(*problem.objective);
      const RunState run =
          assemble_method(config, evaluator)->initial_state(assemble_start(config, *problem.objective));
      EXPECT_EQ(run.history.precision(), precision == "f32" ? Precision::f32 : Precision::f64) << update;
    }
  }
}

TEST(Assemble, ThreadsAreThoseAskedForOrAShareOfTheCores) {
  EXPECT_EQ(assemble_threads(sphere_with({{"parallel.threads", "7"}}), 3), 7);
  const int alone = assemble_threads(sphere_with(), 1);
  EXPECT_GE(alone, 1);
  EXPECT_EQ(assemble_threads(sphere_with(), alone), 1);
  EXPECT_EQ(assemble_threads(sphere_with(), 1000000), 1);
  // They change no number, so runs that differ in nothing else may go on from each other's checkpoints.
  EXPECT_EQ(sphere_with({{"parallel.threads", "7"}}).numbers_hash(), sphere_with().numbers_hash());
}

TEST(Assemble, ACostIsPaidByEveryGradient) {
  const Problem problem =
      assemble_problem(sphere_with({{"problem.cost.kind", "sleep"}, {"problem.cost.seconds", "0.01"}}));
  Vector gradient(problem.objective->dimension());
  const Stopwatch watch;
  problem.objective->value_and_gradient(problem.objective->initial_point(), {}, 0, gradient);
  EXPECT_GE(watch.seconds(), 0.01);
}

TEST(Assemble, SecantMethodsGetTheirKeys) {
  const auto after_a_round = [](const std::vector<Override>& overrides) {
    const Config config = sphere_with(overrides);
    EXPECT_EQ(assemble_optimizer(config), nullptr);
    const Problem problem = assemble_problem(config);
    EXPECT_EQ(describe_run(config, problem).optimizer, "none");
    SerialEvaluator evaluator(*problem.objective);
    const auto method = assemble_method(config, evaluator);
    RunState run = method->initial_state(assemble_start(config, *problem.objective));
    method->iterate(run);
    return run;
  };
  EXPECT_EQ(after_a_round({{"method.name", "lbfgs"}, {"method.memory", "3"}}).secants.pairs.steps.cols(), 3);
  EXPECT_EQ(after_a_round({{"method.name", "anderson"}}).secants.pairs.steps.cols(), 10);
  EXPECT_NE(after_a_round({{"method.name", "anderson"}, {"optimizer.learning_rate", "0.5"}}).theta,
            after_a_round({{"method.name", "anderson"}}).theta);
}

TEST(Assemble, StopRulesAndScheduleAreTheOnesAskedFor) {
  const StopRules none = assemble_stop_rules(sphere_with());
  EXPECT_EQ(none.iterations, 1000);
  EXPECT_TRUE(none.iterations_by_default);
  EXPECT_EQ(none.gradient_tolerance, 1e-8);
  EXPECT_FALSE(assemble_stop_rules(sphere_with({{"stop.gradient_tolerance", "0"}})).gradient_tolerance);
  EXPECT_FALSE(
      assemble_stop_rules(sphere_with({{"problem.noise.kind", "gaussian"}, {"problem.noise.sigma", "1"}}))
          .gradient_tolerance);
  EXPECT_EQ(none.precision, 1e-14);
  EXPECT_FALSE(assemble_stop_rules(sphere_with({{"stop.precision", "0"}})).precision);
  EXPECT_FALSE(
      assemble_stop_rules(sphere_with({{"problem.noise.kind", "gaussian"}, {"problem.noise.sigma", "1"}}))
          .precision);
  EXPECT_FALSE(none.evaluations || none.seconds || none.value || none.gradient_norm || none.patience);
  const StopRules all = assemble_stop_rules(sphere_with({{"stop.iterations", "1"},
                                                         {"stop.evaluations", "2"},
                                                         {"stop.seconds", "3"},
                                                         {"stop.value", "-4"},
                                                         {"stop.gradient_norm", "5"},
                                                         {"stop.patience", "6"}}));
  EXPECT_EQ(all.iterations, 1);
  EXPECT_EQ(all.evaluations, 2);
  EXPECT_EQ(all.seconds, 3.0);
  EXPECT_EQ(all.value, -4.0);
  EXPECT_EQ(all.gradient_norm, 5.0);
  EXPECT_EQ(all.patience, 6);

  const CheckpointSchedule rounds = assemble_checkpoint_schedule(sphere_with({{"checkpoint.keep", "7"}}));
  EXPECT_EQ(rounds.iterations, 10);
  EXPECT_FALSE(rounds.seconds);
  EXPECT_EQ(rounds.keep, 7);
  const CheckpointSchedule timed =
      assemble_checkpoint_schedule(sphere_with({{"checkpoint.every", "15 min"}}));
  EXPECT_FALSE(timed.iterations);
  EXPECT_EQ(timed.seconds, 900.0);
}

TEST(Assemble, CheckpointsAreHeldToTheConfiguration) {
  const Config config = sphere_with({{"run.seed", "5"},
                                     {"problem.dimension", "30"},
                                     {"method.update", "replay"},
                                     {"method.history", "24"}});
  const Problem problem = assemble_problem(config);
  const RunDescription run = describe_run(config, problem);
  const Expectation expected = expect_checkpoint(config, problem);
  EXPECT_EQ(run.config_hash, expected.config_hash);
  EXPECT_EQ(run.seed, 5);
  EXPECT_EQ(run.optimizer, "adam");
  EXPECT_EQ(expected.dimension, 30);
  EXPECT_EQ(expected.history_capacity, 24);
  EXPECT_THAT(expected.differences(run.config, run.coordinate_files), IsEmpty());
  const std::string other = sphere_with({{"run.seed", "6"},
                                         {"problem.dimension", "30"},
                                         {"method.update", "replay"},
                                         {"method.history", "24"}})
                                .to_toml();
  EXPECT_EQ(expected.differences(other, ""), "run.seed (6 there, 5 here)");
  EXPECT_THAT(expected.differences("nonsense", ""), HasSubstr("cannot be read by this version"));
}

// What files hold is what counts: a run goes on when they have been moved, and not when they hold other
// numbers.
TEST(Assemble, FilesMayBeMoved) {
  const test::TemporaryFolder folder;
  const auto numbers = [&](const std::string& name, double value) {
    auto file = hdf5::File::create(folder / name);
    file.write("/x", Vector::Constant(2, value));
    file.close();
  };
  for (const auto& [name, value] : {std::pair{"a.h5", 1.0}, {"b.h5", 1.0}, {"c.h5", 2.0}})
    numbers(name, value);
  test::write_bytes(folder / "a.csv", "1,0\n2,1\n");
  test::write_bytes(folder / "b.csv", "1,0\n2,1\n");
  test::write_bytes(folder / "c.csv", "1,0\n3,1\n");
  const auto config_of = [&](const std::string& key, const std::string& file) {
    std::vector<Override> all{
        {"problem.name", "logistic"}, {"data.format", "csv"}, {"data.source", "x"}, {"data.test", "x"}};
    all[2].value = all[3].value = (folder / "a.csv").string();
    for (Override& given : all)
      if (given.key == key) given.value = (folder / (file + ".csv")).string();
    if (key.starts_with("problem.")) all.push_back({key, (folder / (file + ".h5")).string() + ":/x"});
    return sphere_with(all);
  };
  for (const std::string key :
       {"data.source", "data.test", "problem.initial", "problem.lower", "problem.scale"}) {
    const Config stored = config_of(key, "a");
    const RunDescription run = describe_run(stored, assemble_problem(stored));
    /// All that a checkpoint of `stored` is held to.
    const auto refusal = [&](const Config& here) {
      const Problem problem = assemble_problem(here);
      const Expectation expected = expect_checkpoint(here, problem);
      std::string text = expected.differences(run.config, run.coordinate_files);
      if (run.data_hash != expected.data_hash) text += "other data";
      return text;
    };
    EXPECT_EQ(refusal(config_of(key, "b")), "") << key;
    const auto apart = [&](const Config& here) {
      return differences_in_numbers(stored, content_hashes(stored, assemble_problem(stored)), here,
                                    content_hashes(here, assemble_problem(here)));
    };
    const auto identity = [&](const std::string& file) {
      const Config here = config_of(key, file);
      return rounds_identity(here, assemble_problem(here));
    };
    EXPECT_EQ(apart(config_of(key, "b")), "") << key;
    EXPECT_EQ(apart(config_of(key, "c")), key + " (other content)");
    EXPECT_EQ(identity("b"), identity("a")) << key;
    EXPECT_EQ(identity("c") == identity("a"), key == "data.test" || key == "problem.initial") << key;
    const bool compared_by_checkpoint = key == "problem.lower" || key == "problem.scale";
    EXPECT_EQ(refusal(config_of(key, "c")).empty(), compared_by_checkpoint) << key;
  }
  // A start that has vanished is no difference either.
  const Config stored = config_of("problem.initial", "a");
  const RunDescription run = describe_run(stored, assemble_problem(stored));
  const std::string with_it = rounds_identity(stored, assemble_problem(stored));
  std::filesystem::remove(folder / "a.h5");
  const Problem problem = assemble_problem(stored);
  EXPECT_EQ(expect_checkpoint(stored, problem).config_hash, run.config_hash);
  EXPECT_EQ(rounds_identity(stored, problem), with_it);
}

TEST(Assemble, WithoutFilesTheRoundsAreTheSettings) {
  const Config config = sphere_with();
  EXPECT_EQ(rounds_identity(config, assemble_problem(config)), fmt::format("{:016x}", config.numbers_hash()));
}

TEST(Assemble, TheRunsFolder) {
  EXPECT_EQ(run_folder(sphere_with()), std::filesystem::path("runs/sphere"));
  EXPECT_EQ(run_folder(sphere_with({{"run.output", "/a/b"}, {"run.name", "c"}})),
            std::filesystem::path("/a/b/c"));
}

TEST(Assemble, ADimensionBeyondAllMemoryIsRefusedBeforeItIsAsked) {
  EXPECT_THROW(assemble_problem(sphere_with({{"problem.dimension", "1000000000000"}})), UsageError);
}

}  // namespace
}  // namespace optex
