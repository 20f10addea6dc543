#include "optex/core/errors.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/setup/assemble.hpp"

#include <cmath>
#include <limits>

#include "configurations.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::sphere_with;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(StartsAndBounds, StartsAreTheOnesAskedFor) {
  const auto start = [](const std::vector<Override>& overrides) {
    std::vector<Override> all{{"problem.dimension", "50"}};
    all.insert(all.end(), overrides.begin(), overrides.end());
    const Config config = sphere_with(all);
    return assemble_start(config, *assemble_problem(config).objective);
  };
  EXPECT_DOUBLE_EQ(start({})[1], 1.5 + std::sin(1.0));
  EXPECT_EQ(start({{"problem.initial", "zeros"}}), Vector::Zero(50));
  const Vector random = start({{"problem.initial", "random"}});
  EXPECT_EQ(random, start({{"problem.initial", "random"}}));
  EXPECT_NE(random, start({{"problem.initial", "random"}, {"run.seed", "1"}}));
  EXPECT_GT(random.norm(), 1.0);
  EXPECT_LT(random.norm(), 50.0);
}

TEST(StartsAndBounds, AStartIsReadFromAFile) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "start.h5").string();
  auto file = hdf5::File::create(path);
  file.write("/a/theta", Vector::LinSpaced(5, 0.0, 1.0));
  Vector broken = Vector::Zero(5);
  broken[3] = std::numeric_limits<double>::quiet_NaN();
  file.write("/a/broken", broken);
  file.close();
  const auto start = [&](const std::string& dataset, const std::string& dimension) {
    const Config config =
        sphere_with({{"problem.initial", path + ":" + dataset}, {"problem.dimension", dimension}});
    return assemble_start(config, *assemble_problem(config).objective);
  };
  EXPECT_EQ(start("/a/theta", "5"), Vector::LinSpaced(5, 0.0, 1.0));
  EXPECT_THROW(start("/a/theta", "6"), UsageError);
  EXPECT_THROW(start("/a/broken", "5"), UsageError);
  EXPECT_THROW(start("/a/none", "5"), IoError);
  const Config missing = sphere_with({{"problem.initial", (folder / "none.h5").string() + ":/theta"}});
  EXPECT_THROW(assemble_start(missing, *assemble_problem(missing).objective), IoError);
}

TEST(StartsAndBounds, BoundsAndUnitsComeFromNumbersOrFiles) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "box.h5").string();
  const double infinity = std::numeric_limits<double>::infinity();
  auto file = hdf5::File::create(path);
  const auto write = [&](const std::string& name, std::initializer_list<double> values) {
    Vector numbers(static_cast<Index>(values.size()));
    std::copy(values.begin(), values.end(), numbers.begin());
    file.write(name, numbers);
  };
  write("/lower", {-1.0, -infinity, 0.25});
  write("/nan", {0.0, std::nan(""), 0.0});
  write("/short", {0.0, 0.0});
  write("/scale", {1.0, 2.0, 0.5});
  write("/negative", {1.0, -2.0, 0.5});
  write("/infinite", {infinity, 1.0, 1.0});
  file.close();

  EXPECT_TRUE(assemble_bounds(sphere_with(), 3).none());
  EXPECT_TRUE(assemble_units(sphere_with(), 3).none());
  const auto projected = [&](const std::vector<Override>& overrides) {
    Vector theta = Vector::Constant(3, -7.0);
    theta[0] = 7.0;
    assemble_bounds(sphere_with(overrides), 3).project(theta);
    return std::vector<double>(theta.begin(), theta.end());
  };
  EXPECT_EQ(projected({{"problem.lower", "-2"}}), (std::vector<double>{7.0, -2.0, -2.0}));
  EXPECT_EQ(projected({{"problem.upper", "3"}}), (std::vector<double>{3.0, -7.0, -7.0}));
  EXPECT_EQ(projected({{"problem.lower", path + ":/lower"}, {"problem.upper", "3"}}),
            (std::vector<double>{3.0, -7.0, 0.25}));
  EXPECT_EQ(
      assemble_units(sphere_with({{"problem.scale", path + ":/scale"}}), 3).position(Vector::Ones(3))[1],
      0.5);
  EXPECT_EQ(assemble_units(sphere_with({{"problem.scale", "4"}}), 3).position(Vector::Ones(3))[2], 0.25);

  const auto message = [&](const std::vector<Override>& overrides) -> std::string {
    try {
      const Config config = sphere_with(overrides);
      assemble_bounds(config, 3);
      assemble_units(config, 3);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message({{"problem.lower", path + ":/short"}}),
              HasSubstr("2 coordinates, but the problem has 3"));
  EXPECT_THAT(message({{"problem.lower", path + ":/nan"}}),
              HasSubstr("problem.lower: nan at coordinate 1 is no lower bound"));
  EXPECT_THAT(message({{"problem.lower", path + ":/lower"}, {"problem.upper", "0"}}),
              HasSubstr("problem.lower: 0.25 at coordinate 2 is above problem.upper = 0 there"));
  EXPECT_THAT(message({{"problem.lower", path + ":/infinite"}}),
              HasSubstr("inf at coordinate 0 is no lower bound"));
  EXPECT_THAT(message({{"problem.upper", path + ":/none"}}), HasSubstr("/none"));
  EXPECT_THAT(message({{"problem.scale", path + ":/negative"}}),
              HasSubstr("problem.scale: -2 at coordinate 1 is not a positive finite number"));
  EXPECT_THAT(message({{"problem.scale", path + ":/short"}}), HasSubstr("problem.scale"));
}

TEST(StartsAndBounds, AStartOutsideIsMovedIntoTheBoxAndThatIsSaid) {
  const Config config =
      sphere_with({{"problem.dimension", "50"}, {"problem.lower", "1"}, {"problem.upper", "2"}});
  const Problem problem = assemble_problem(config);
  std::vector<std::string> notes;
  const Vector start = assemble_start(config, *problem.objective, &notes);
  EXPECT_EQ(start.minCoeff(), 1.0);
  EXPECT_EQ(start.maxCoeff(), 2.0);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes.front(), HasSubstr("of 50 coordinates; it is moved to the nearest point within"));
  notes.clear();
  assemble_start(sphere_with({{"problem.dimension", "50"}, {"problem.lower", "-9"}}), *problem.objective,
                 &notes);
  EXPECT_THAT(notes, IsEmpty());
}

TEST(StartsAndBounds, EveryMethodKeepsToTheBounds) {
  for (const auto& entry : methods()) {
    std::vector<Override> overrides{
        {"method.name", entry.name}, {"problem.dimension", "12"}, {"problem.lower", "0.75"}};
    if (entry.name != "lbfgs")
      overrides.push_back({"optimizer.learning_rate", entry.name == "anderson" ? "1" : "0.2"});
    const Config config = sphere_with(overrides);
    const Problem problem = assemble_problem(config);
    SerialEvaluator evaluator(*problem.objective);
    const auto method = assemble_method(config, evaluator);
    RunState run = method->initial_state(assemble_start(config, *problem.objective));
    for (int t = 0; t < 40 && !method->finished(run); ++t) {
      method->iterate(run);
      ASSERT_GE(run.theta.minCoeff(), 0.75) << entry.name;
    }
    EXPECT_NEAR(run.best.value, 0.5625, 1e-3) << entry.name;
  }
  for (const auto& entry : updates()) {
    const Config config = sphere_with({{"method.update", entry.name},
                                       {"problem.dimension", "12"},
                                       {"problem.lower", "0.75"},
                                       {"problem.scale", "0.1"},
                                       {"optimizer.learning_rate", "0.2"}});
    const Problem problem = assemble_problem(config);
    SerialEvaluator evaluator(*problem.objective);
    const auto method = assemble_method(config, evaluator);
    RunState run = method->initial_state(assemble_start(config, *problem.objective));
    for (int t = 0; t < 40; ++t) method->iterate(run);
    EXPECT_GE(run.theta.minCoeff(), 0.75) << entry.name;
    EXPECT_NEAR(run.best.value, 0.5625, 1e-3) << entry.name;
    if (run.history.size() > 0) {
      EXPECT_NEAR(run.history.theta(0)[0], 10.0 * (1.5 + std::sin(0.0)), 9.0)
          << "the history is in units of 0.1";
    }
  }
}

}  // namespace
}  // namespace optex
