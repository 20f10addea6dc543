#include "optex/checkpoint/checkpoint.hpp"

#include "optex/hdf5/file.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "sample_state.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>

namespace optex {
namespace {

using test::StateBytes;
using test::StateShape;
using testing::HasSubstr;

class RoundTrip : public testing::TestWithParam<StateShape> {};

TEST_P(RoundTrip, GivesBackTheSameBits) {
  const test::TemporaryFolder folder;
  const auto file = folder / "iteration-000003.h5";
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const RunState state = test::random_state(seed, GetParam());
    save_checkpoint(file, state, test::sample_run());
    const Checkpoint loaded = load_checkpoint(file, test::expectation_of(state));
    ASSERT_EQ(StateBytes::of(loaded.state), StateBytes::of(state));
    EXPECT_EQ(loaded.run.config, test::sample_run().config);
    EXPECT_EQ(loaded.run.config_hash, test::sample_run().config_hash);
    EXPECT_EQ(loaded.run.optimizer, "adam");
    EXPECT_EQ(loaded.run.seed, 7);
    EXPECT_EQ(loaded.run.data_samples, 60000);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RoundTrip,
                         testing::Values(StateShape{11, 2, 4, 6},      // the ring has gone round
                                         StateShape{11, 2, 4, 4},      // just full
                                         StateShape{11, 1, 8, 3},      // not full
                                         StateShape{11, 0, 8, 0},      // nothing in it yet, plain SGD
                                         StateShape{11, 2, 0, 0},      // no history at all
                                         StateShape{1, 1, 2, 5},       // one parameter
                                         StateShape{150001, 1, 3, 4},  // rows longer than a chunk
                                         StateShape{20000, 1, 12, 10}));

/// A file of a version that had rules and members which are gone.
Checkpoint load_older(const std::string& name) {
  const files::Place file(std::filesystem::path(OPTEX_TEST_DATA) / "older" / name);
  const CheckpointHeader header = verify_checkpoint(file);
  return load_checkpoint(file, {.dimension = header.dimension,
                                .history_capacity = 4,
                                .config_hash = header.config_hash,
                                .differences = {},
                                .data_hash = "",
                                .coordinate_files = "",
                                .accepted = {}});
}

TEST(Checkpoint, OfAnOlderVersionIsRead) {
  const Checkpoint loaded = load_older("replay.h5");
  EXPECT_EQ(loaded.state.iteration, 4);
  EXPECT_EQ(loaded.state.history.size(), 4);
  EXPECT_EQ(loaded.state.replay.guard_values.size(), 4);
  EXPECT_EQ(loaded.state.best.theta.size(), 3);
  EXPECT_LT(loaded.state.best.value, 15.0);
}

TEST(Checkpoint, OfARuleThatIsGoneIsRefusedWithTheWayOn) {
  try {
    load_older("two_track.h5");
    ADD_FAILURE() << "it was read";
  } catch (const CheckpointError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("two_track"));
    EXPECT_THAT(error.what(), testing::HasSubstr("two_track.h5:/state/theta"));
  }
}

TEST(Checkpoint, KeepsInfinitiesAndNaNs) {
  const test::TemporaryFolder folder;
  RunState state = test::random_state(1);
  state.best.value = std::numeric_limits<double>::infinity();
  state.replay.guard_values = Vector::Constant(3, std::numeric_limits<double>::quiet_NaN());
  save_checkpoint(folder / "a.h5", state, test::sample_run());
  EXPECT_EQ(StateBytes::of(load_checkpoint(folder / "a.h5", test::expectation_of(state)).state),
            StateBytes::of(state));
}

TEST(Checkpoint, LoadedHistoriesGoOnWithTheSameBits) {
  const test::TemporaryFolder folder;
  RunState state = test::random_state(3);
  save_checkpoint(folder / "a.h5", state, test::sample_run());
  RunState loaded = load_checkpoint(folder / "a.h5", test::expectation_of(state)).state;
  std::mt19937_64 random(1);
  for (int i = 0; i < 7; ++i) {
    const Vector theta = test::random_vector(11, random), gradient = test::random_vector(11, random);
    state.history.append(theta, gradient, 0.5, 100 + i);
    loaded.history.append(theta, gradient, 0.5, 100 + i);
    ASSERT_EQ(StateBytes::of(loaded), StateBytes::of(state));
  }
}

TEST(Checkpoint, EqualStatesGiveEqualFiles) {
  const test::TemporaryFolder folder;
  save_checkpoint(folder / "a.h5", test::random_state(4), test::sample_run());
  save_checkpoint(folder / "b.h5", test::random_state(4), test::sample_run());
  EXPECT_EQ(test::read_bytes(folder / "a.h5"), test::read_bytes(folder / "b.h5"));
}

/// Changes the n-th member that is visited, a little.
struct ChangeMember {
  int n;
  int visited = 0;

  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void operator()(const std::string&, Number& value) {
    if (visited++ == n) value += 1;
  }
  void operator()(const std::string&, std::string& text) {
    if (visited++ == n) text += " ";
  }
  void operator()(const std::string&, Vector& values) {
    if (visited++ != n) return;
    if (values.size() == 0)
      values = Vector::Zero(1);
    else
      values[values.size() - 1] += 1e-9;
  }
  void operator()(const std::string&, Matrix& values) {
    if (visited++ != n) return;
    if (values.size() == 0)
      values = Matrix::Zero(11, 1);
    else
      values(2, values.cols() - 1) += 1e-9;
  }
  void operator()(const std::string&, std::vector<Vector>& rows) {
    if (visited++ != n) return;
    if (rows.empty())
      rows.push_back(Vector::Zero(11));
    else
      rows.back()[2] += 1e-9;
  }
  void operator()(const std::string&, GradientHistory& history) {
    if (visited++ == n) history.append(history.theta(0), history.gradient(0), 0.0, 0);
  }
};

TEST(Checkpoint, HoldsOutstandingPointsOnlyWhenThereAreAny) {
  const test::TemporaryFolder folder;
  RunState state = test::random_state(5);
  save_checkpoint(folder / "some.h5", state, test::sample_run());
  EXPECT_TRUE(hdf5::File::open(folder / "some.h5").contains("/state/outstanding/theta"));
  state.outstanding = {};
  save_checkpoint(folder / "none.h5", state, test::sample_run());
  EXPECT_FALSE(hdf5::File::open(folder / "none.h5").contains("/state/outstanding"));
  const Checkpoint loaded = load_checkpoint(folder / "none.h5", test::expectation_of(state));
  EXPECT_EQ(loaded.state.outstanding.count(), 0);
  EXPECT_EQ(test::StateBytes::of(loaded.state), test::StateBytes::of(state));
}

TEST(Checkpoint, RefusesOutstandingPointsThatDoNotFit) {
  const test::TemporaryFolder folder;
  RunState state = test::random_state(5);
  state.outstanding.iterations = Vector::Ones(3);
  save_checkpoint(folder / "a.h5", state, test::sample_run());
  EXPECT_THROW(load_checkpoint(folder / "a.h5", test::expectation_of(state)), DamagedCheckpointError);
}

TEST(Checkpoint, ThePayloadHashCoversEveryMember) {
  const test::TemporaryFolder folder;
  const auto hash_of = [&](const RunState& state, const RunDescription& run) {
    save_checkpoint(folder / "a.h5", state, run);
    return verify_checkpoint(folder / "a.h5").payload_hash;
  };
  const RunState state = test::random_state(4);
  const RunDescription run = test::sample_run();
  std::vector<std::string> hashes = {hash_of(state, run)};
  for (int n = 0, members = 1; n < members; ++n) {
    RunState changed = state;
    ChangeMember change{n};
    visit_fields(changed, change);
    members = change.visited;
    hashes.push_back(hash_of(changed, run));
  }
  EXPECT_GE(hashes.size(), 12U);
  const auto with_run = [&](auto change) {
    RunDescription changed = run;
    change(changed);
    hashes.push_back(hash_of(state, changed));
  };
  with_run([](RunDescription& r) { r.config += " "; });
  with_run([](RunDescription& r) { r.config_hash += "0"; });
  with_run([](RunDescription& r) { r.optimizer = "sgd"; });
  with_run([](RunDescription& r) { ++r.seed; });
  with_run([](RunDescription& r) { r.random_scheme += "0"; });
  with_run([](RunDescription& r) { r.data_source = ""; });
  with_run([](RunDescription& r) { r.data_hash = ""; });
  with_run([](RunDescription& r) { ++r.data_shards; });
  with_run([](RunDescription& r) { ++r.data_samples; });
  with_run([](RunDescription& r) { r.coordinate_files = ""; });
  const std::size_t count = hashes.size();
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  EXPECT_EQ(hashes.size(), count);
}

TEST(Checkpoint, OfAnotherProblemOrConfigurationIsRefused) {
  const test::TemporaryFolder folder;
  const RunState state = test::random_state(4);
  save_checkpoint(folder / "a.h5", state, test::sample_run());
  const auto error_of = [&](const Expectation& expected) -> std::string {
    try {
      load_checkpoint(folder / "a.h5", expected);
    } catch (const DamagedCheckpointError&) {
      return "taken for damaged";
    } catch (const CheckpointError& error) {
      return error.what();
    }
    return "no error";
  };
  Expectation expected = test::expectation_of(state);
  expected.dimension = 12;
  EXPECT_THAT(error_of(expected), HasSubstr("11 parameters, this problem has 12"));
  expected = test::expectation_of(state);
  expected.history_capacity = 5;
  EXPECT_THAT(error_of(expected), HasSubstr("history of 4 entries, this run one of 5"));
  expected = test::expectation_of(state);
  expected.data_hash = "00fe";
  EXPECT_THAT(error_of(expected), HasSubstr("other data (fashion-mnist with hash 00ff there, 00fe here)"));
  expected = test::expectation_of(state);
  expected.coordinate_files = "problem.lower = \"a.h5:/l\" 0a\nproblem.upper = \"a.h5:/u\" 0bc\n";
  EXPECT_THAT(error_of(expected), HasSubstr("in the file of problem.upper = \"a.h5:/u\";"));
  expected.coordinate_files = "";
  EXPECT_THAT(error_of(expected),
              HasSubstr("in the file of problem.lower = \"a.h5:/l\", problem.upper = \"a.h5:/u\";"));
  expected = test::expectation_of(state);
  expected.config_hash = "other";
  EXPECT_THAT(error_of(expected), HasSubstr("other settings"));
  expected.differences = [](const std::string& config, const std::string&) {
    return config == test::sample_run().config ? "optimizer.learning_rate: 0.1, now 0.2" : "?";
  };
  EXPECT_THAT(error_of(expected), HasSubstr("optimizer.learning_rate: 0.1, now 0.2"));
  // Files that have been moved are no difference, as long as their content is the same.
  expected.differences = [](const std::string&, const std::string&) { return std::string(); };
  expected.coordinate_files = "problem.lower = \"b c.h5:/l\" 0a\nproblem.upper = \"b.h5:/u\" 0b\n";
  EXPECT_EQ(error_of(expected), "no error");
  expected.coordinate_files = "problem.lower = \"b.h5:/l\" 0a\nproblem.upper = \"a.h5:/u\" 0c\n";
  EXPECT_THAT(error_of(expected), HasSubstr("in the file of problem.upper"));
}

// A plug-in that was built anew may be another function: only the user knows.
TEST(Checkpoint, OfAnotherLibraryIsRefusedUnlessThatIsAccepted) {
  const test::TemporaryFolder folder;
  const RunState state = test::random_state(4);
  RunDescription run = test::sample_run();
  run.coordinate_files = "problem.library 0a\n";
  save_checkpoint(folder / "a.h5", state, run);
  Expectation expected = test::expectation_of(state);
  expected.coordinate_files = "problem.library 0a\n";
  EXPECT_NO_THROW(load_checkpoint(folder / "a.h5", expected));
  expected.coordinate_files = "problem.library 0b\n";
  try {
    load_checkpoint(folder / "a.h5", expected);
    FAIL();
  } catch (const DamagedCheckpointError&) {
    FAIL();
  } catch (const CheckpointError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("problem.library"), HasSubstr("--accept-library")));
  }
  expected.accepted = {"problem.library"};
  EXPECT_NO_THROW(load_checkpoint(folder / "a.h5", expected));
  // One of an earlier version, which does not know.
  run.coordinate_files = "";
  save_checkpoint(folder / "a.h5", state, run);
  expected.accepted.clear();
  EXPECT_NO_THROW(load_checkpoint(folder / "a.h5", expected));
}

TEST(Checkpoint, ForeignFilesAreDamagedAndMissingOnesMissing) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(verify_checkpoint(folder / "missing.h5"), files::SystemError);
  test::write_bytes(folder / "text.h5", "hello");
  EXPECT_THROW(verify_checkpoint(folder / "text.h5"), DamagedCheckpointError);
  EXPECT_THROW(verify_checkpoint(folder.path()), DamagedCheckpointError);
}

}  // namespace
}  // namespace optex
