#include "optex/setup/footprint.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/setup/assemble.hpp"

#include "configurations.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::sphere_with;

TEST(Footprint, HistoryIsTwoRowsAPair) {
  const Footprint need =
      footprint(sphere_with({{"method.update", "replay"}, {"method.history", "30"}}), 1000, 1, 0.0, 1);
  EXPECT_EQ(need.history, 30);
  EXPECT_EQ(need.history_bytes, 2.0 * 30 * 1000 * 8);
  EXPECT_EQ(need.table_bytes, 3.0 * 30 * 30 * 8);
  EXPECT_EQ(need.moment_bytes,
            (2.0 * 2 + 1) * 1000 * 8);  // Adam has two, at the iterate and along the chain; the best point
  EXPECT_EQ(need.checkpoint_bytes, (1.0 + 2 + 1 + 60) * 1000 * 8);
  EXPECT_EQ(need.sent_bytes, 0.0);
}

// The tables of a long history are asked for at once, however few the coordinates.
TEST(Footprint, TablesBeyondTheMemoryAreRefused) {
  const Footprint need = footprint(sphere_with({{"method.history", "100000"}}), 20, 1, 0.0, 1);
  EXPECT_EQ(need.table_bytes, 240e9);
  try {
    refuse_oversized(need, 64e9);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("240 GB of it for the history's tables"));
  }
}

TEST(Footprint, BoundsAreHeldOnce) {
  const auto moments = [](const std::vector<Override>& overrides) {
    return footprint(sphere_with(overrides), 1000, 1, 0.0, 1).moment_bytes;
  };
  EXPECT_EQ(moments({{"problem.lower", "0"}}), moments({}) + 2.0 * 1000 * 8);
}

TEST(Footprint, CountsWhatIsKeptSoThatAFailureDoesNotEndTheRun) {
  const auto need = [](const char* update, const char* evaluation, const char* lost_rank, int ranks) {
    return footprint(sphere_with({{"method.update", update},
                                  {"method.parallelism", "6"},
                                  {"failure.evaluation", evaluation},
                                  {"failure.lost_rank", lost_rank}}),
                     1000, 1, 0.0, ranks);
  };
  const Footprint plain = need("replay", "abort", "abort", 3);
  EXPECT_EQ(plain.failure_bytes, 0.0);
  EXPECT_EQ(need("replay", "abort", "continue", 3).failure_bytes, 0.0);  // its points are its history's
  const Footprint drops = need("replay", "drop", "abort", 1);
  EXPECT_EQ(drops.failure_bytes, (1.0 + 6) * 8000);
  EXPECT_EQ(drops.coordinator_total(), plain.coordinator_total() + drops.failure_bytes);
  EXPECT_EQ(drops.checkpoint_bytes, plain.checkpoint_bytes + 8000);  // the last good iterate
}

TEST(Footprint, DividesASpreadHistory) {
  const Index dimension = 8 * 65536;
  const auto need = [&](const char* spread, int ranks) {
    return footprint(sphere_with({{"method.update", "replay"},
                                  {"method.history", "30"},
                                  {"method.parallelism", "4"},
                                  {"parallel.spread_history", spread}}),
                     dimension, 1, 0.0, ranks);
  };
  const Footprint all = need("false", 4), part = need("true", 4);
  const double row = 8.0 * static_cast<double>(dimension);
  EXPECT_EQ(all.slice_holders, 1);
  EXPECT_EQ(part.slice_holders, 4);
  EXPECT_EQ(part.history_bytes, all.history_bytes / 4);
  EXPECT_EQ(part.moment_bytes, all.moment_bytes / 4);
  EXPECT_EQ(part.round_bytes, (2.0 * 4 / 4 + 4 + 1) * row);  // when the gradients come
  EXPECT_EQ(part.worker_total() - all.worker_total(),
            (all.history_bytes + all.moment_bytes + all.round_bytes) / 4 + all.table_bytes);
  EXPECT_EQ(part.table_bytes, all.table_bytes);  // each rank has them whole
  EXPECT_EQ(part.sent_bytes - all.sent_bytes, 4 * row * 3 / 4);
  EXPECT_EQ(need("true", 1).coordinator_total(), need("false", 1).coordinator_total());
  EXPECT_EQ(need("true", 32).slice_holders, 8);  // one for every 65,536 coordinates
}

TEST(Footprint, CountsPointsThatRoundsWereClosedWithout) {
  const auto need = [](const char* quorum, int ranks) {
    return footprint(
        sphere_with({{"method.update", "replay"}, {"method.parallelism", "6"}, {"failure.quorum", quorum}}),
        1000, 1, 0.0, ranks);
  };
  const Footprint all = need("1.0", 3), some = need("0.6", 3);
  EXPECT_EQ(all.failure_bytes, 0.0);
  EXPECT_EQ(some.failure_bytes, 3 * 2 * 8000.0);  // 6 - ceil(3.6)
  EXPECT_EQ(some.checkpoint_bytes, all.checkpoint_bytes + 2 * 8000.0);
  EXPECT_EQ(need("0.6", 1).failure_bytes, 0.0);  // everything arrives
}

TEST(Footprint, TheHistoryIsTheOneTheMethodMakes) {
  for (const std::vector<Override>& overrides : {std::vector<Override>{{"method.update", "replay"}},
                                                 {{"estimator.name", "mean"}},
                                                 {{"method.update", "sequence"}, {"method.parallelism", "9"}},
                                                 {{"method.update", "last"}, {"method.history", "5"}},
                                                 {{"method.name", "vanilla"}},
                                                 {{"method.name", "target"}},
                                                 {{"method.name", "lbfgs"}},
                                                 {{"method.name", "anderson"}},
                                                 {{"method.name", "data_parallel"}}}) {
    const Config config = sphere_with(overrides);
    const Problem problem = assemble_problem(config);
    SerialEvaluator evaluator(*problem.objective);
    const RunState state =
        assemble_method(config, evaluator)->initial_state(assemble_start(config, *problem.objective));
    EXPECT_EQ(history_capacity(config), state.history.capacity());
    EXPECT_EQ(footprint(config, 1000, 1, 0.0, 1).history, state.history.capacity());
  }
}

TEST(Footprint, SecantMethodsKeepTwoRowsAPairAndEvaluateOnePoint) {
  const Footprint need =
      footprint(sphere_with({{"method.name", "lbfgs"}, {"method.memory", "6"}}), 1000, 1, 0.0, 3);
  EXPECT_EQ(need.checkpoint_bytes, (1.0 + 2 * 6 + 5) * 1000 * 8);
  EXPECT_EQ(need.points, 1);
}

TEST(Footprint, CountsWhatIsMadeOfPairsWhereAPartOfTheHessianIsKnown) {
  const auto rounds = [](const char* regularization, const char* points) {
    const Config config = parse_config("[problem]\nname = \"heat_inversion\"\ncells = [8, 8]\n", "heat.toml",
                                       {{"problem.regularization", regularization},
                                        {"method.update", "surrogate"},
                                        {"method.parallelism", points},
                                        {"method.history", "20"}});
    return footprint(config, assemble_problem(config), 1).round_bytes;
  };
  EXPECT_EQ(rounds("total_variation", "4") - rounds("none", "4"), 2.0 * (20 + 4) * 64 * 8);
  EXPECT_EQ(rounds("total_variation", "1"), rounds("none", "1"));
}

TEST(Footprint, MessagesCountWhatLeavesRankZero) {
  // Four points of one shard on five ranks, rank 0 last and idle: each point out, each gradient back.
  const Footprint apart = footprint(sphere_with(), 1000, 1, 0.0, 5);
  EXPECT_EQ(apart.sent_bytes, 4.0 * 8000);
  EXPECT_EQ(apart.received_bytes, 4.0 * 8000);
  EXPECT_EQ(apart.busiest_tasks, 1);
  EXPECT_EQ(apart.evaluating_ranks, 5);
  // On four ranks rank 0 takes one of them.
  EXPECT_EQ(footprint(sphere_with(), 1000, 1, 0.0, 4).sent_bytes, 3.0 * 8000);
  const Config watching = sphere_with({{"parallel.coordinator_evaluates", "false"}});
  EXPECT_EQ(footprint(watching, 1000, 1, 0.0, 4).evaluating_ranks, 3);
  EXPECT_EQ(footprint(watching, 1000, 1, 0.0, 4).busiest_tasks, 2);
}

TEST(Footprint, ByShardARankHasItsOwnSamplesOnly) {
  const Config config = parse_config(
      "[problem]\nname = \"softmax\"\n[data]\nsource = \"./none\"\nshards = 5\n"
      "[parallel]\ndata = \"by_shard\"\n",
      "softmax.toml", {});
  // Ranks 1, 2, 0 have two, two and one shard; rank 0 the test data besides.
  const Footprint need = footprint(config, 1000, 5, 7.0, 3, {1, 2, 4, 8, 16});
  EXPECT_EQ(need.data_bytes, 7.0 + 16.0);
  EXPECT_EQ(need.worker_data_bytes, 12.0);
  EXPECT_EQ(need.least_data_bytes, 3.0);
  EXPECT_EQ(need.busiest_tasks, 2 * need.points);
  EXPECT_EQ(need.sent_bytes, 2.0 * static_cast<double>(need.points) * 8000);  // every point to both others
  const Footprint alone = footprint(config, 1000, 5, 7.0, 1, {1, 2, 4, 8, 16});
  EXPECT_EQ(alone.data_bytes, 7.0 + 31.0);
}

TEST(Footprint, MoreThanTheMachineHasIsRefused) {
  const Footprint need = footprint(sphere_with(), 1'000'000'000'000, 1, 0.0, 1);
  EXPECT_THROW(refuse_oversized(need, 1e12), UsageError);
  EXPECT_NO_THROW(refuse_oversized(need, 0.0));  // unknown
  EXPECT_NO_THROW(refuse_oversized(footprint(sphere_with(), 1000, 1, 0.0, 1), 1e9));
  EXPECT_GT(machine_memory(), 1e6);
}

TEST(Footprint, BytesInWords) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1 kB");
  EXPECT_EQ(bytes_text(1234567), "1.23 MB");
  EXPECT_EQ(bytes_text(3.2e13), "32 TB");
}

}  // namespace
}  // namespace optex
