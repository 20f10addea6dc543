#include "optex/checkpoint/slices_of_state.hpp"

#include "optex/checkpoint/long_fields.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/keeping_best.hpp"
#include "optex/methods/optex.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <map>
#include <random>

#include "sample_state.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_slices.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr Index dimension = 3 * (Index{1} << 16) + 11;

/// Gives long vectors an entry, and long matrices a row, for each coordinate.
struct Lengthen {
  std::mt19937_64& random;
  template <class Short>
  void operator()(const std::string&, Short&) {}
  void operator()(const std::string& path, Vector& values) {
    if (is_long(path)) values = test::random_vector(dimension, random);
  }
};

RunState long_state(bool single) {
  RunState state = test::random_state(7, {.dimension = dimension, .capacity = 0});
  std::mt19937_64 random(8);
  Lengthen lengthen{random};
  visit_fields(state, lengthen);
  for (LearntDiagonal* learnt :
       {&state.secants.diagonal, &(*state.surrogate).diagonal, &(*state.surrogate).guard.diagonal})
    learnt->entries = learnt->entries.cwiseAbs();
  state.objective_state.resize(0);  // rank 0's alone
  state.noisy.average.resize(0);    // one that is not there
  state.noisy.ring.resize(0, 0);
  state.history = GradientHistory(dimension, 4, single ? Precision::f32 : Precision::f64);
  for (int i = 0; i < 6; ++i)
    state.history.append(test::random_vector(dimension, random), test::random_vector(dimension, random), i,
                         i);
  return state;
}

struct Cut {
  Slice slice;
  template <class Short>
  void operator()(const std::string&, Short&) {}
  void operator()(const std::string& path, Vector& values) {
    if (is_long(path) && values.size() > 0) values = Vector(values.segment(slice.first, slice.size));
  }
  void operator()(const std::string& path, Matrix& values) {
    if (is_long(path) && values.rows() > 0) values = Matrix(values.middleRows(slice.first, slice.size));
  }
  void operator()(const std::string&, std::vector<Vector>& rows) {
    for (Vector& row : rows) row = Vector(row.segment(slice.first, slice.size));
  }
};

/// With the slices in use: a history's tables are those of the whole.
RunState slice_of(const RunState& whole, Slice slice) {
  RunState state = whole;
  Cut cut{slice};
  visit_fields(state, cut);
  const GradientHistory& all = whole.history;
  state.history = GradientHistory(slice.size, all.capacity(), all.precision());
  if (all.origin().size() > 0) state.history.restore_origin(all.origin().segment(slice.first, slice.size));
  for (Index i = 0; i < all.size(); ++i)
    state.history.restore(all.stored_theta(i).segment(slice.first, slice.size),
                          all.gradient(i).segment(slice.first, slice.size), all.value(i), all.iteration(i));
  return state;
}

class SlicesOfState : public ::testing::TestWithParam<bool> {};

TEST_P(SlicesOfState, MakeTheCheckpointOfTheWholeAndComeOutOfIt) {
  const test::TemporaryFolder folder;
  const RunState whole = long_state(GetParam());
  save_checkpoint(folder / "whole.h5", whole, test::sample_run());
  const std::string hash = verify_checkpoint(folder / "whole.h5").payload_hash;

  testing::ThreadSlices slices(dimension, 3);
  slices.run([&](CoordinateSlices& mine) {
    RunState state;
    std::string before;
    {
      const SlicesInUse use(&mine);
      state = slice_of(whole, mine.mine());
      before = test::StateBytes::of(state);
    }
    if (mine.is_first())
      save_checkpoint(folder / "slices.h5", state, test::sample_run(), &mine);
    else
      send_slices(state, mine);
    const SlicesInUse use(&mine);
    const RunState after =
        mine.is_first() ? load_checkpoint(folder / "slices.h5", test::expectation_of(whole), &mine).state
                        : receive_slices(mine);
    EXPECT_TRUE(test::StateBytes::of(after) == before);
  });
  EXPECT_EQ(verify_checkpoint(folder / "slices.h5").payload_hash, hash);
}

INSTANTIATE_TEST_SUITE_P(Precision, SlicesOfState, ::testing::Bool());

/// The number of rows of every member.
struct Sizes {
  std::map<std::string, Index> of;
  template <class Short>
  void operator()(const std::string&, Short&) {}
  void operator()(const std::string& path, Vector& values) { of[path] = values.size(); }
  void operator()(const std::string& path, Matrix& values) { of[path] = values.rows(); }
  void operator()(const std::string& path, std::vector<Vector>& rows) {
    of[path] = rows.empty() ? 0 : rows.front().size();
  }
};

std::map<std::string, Index> sizes_after_rounds(Index d) {
  const Rosenbrock objective(d);
  SerialEvaluator evaluator(objective);
  KeepingBest method(
      std::make_unique<Optex>(evaluator, std::make_shared<Adam>(Adam::Options{.learning_rate = 0.02}),
                              std::make_shared<GaussianProcess>(std::make_shared<Matern52>(),
                                                                PriorMean::constant, HyperparameterRules{}),
                              Optex::Options{.parallelism = 4, .update = UpdateRule::replay}));
  RunState run = method.initial_state(objective.initial_point());
  for (int round = 0; round < 8; ++round) method.iterate(run);
  Sizes sizes;
  visit_fields(run, sizes);
  return sizes.of;
}

TEST(LongFields, AreAllThatHaveARowForEachCoordinate) {
  const std::map<std::string, Index> at_40 = sizes_after_rounds(40), at_50 = sizes_after_rounds(50);
  int found = 0;
  for (const auto& [path, rows] : at_40) {
    const bool grows = rows == 40 && at_50.at(path) == 50;
    if (grows) ++found;
    EXPECT_EQ(grows, is_long(path) && rows > 0) << path;
  }
  EXPECT_GE(found, 3);
}

}  // namespace
}  // namespace optex
