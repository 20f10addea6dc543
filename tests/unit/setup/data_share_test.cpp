#include "optex/setup/data_share.hpp"

#include "optex/setup/assemble.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(DataShare, RanksTogetherHaveEveryShardOnce) {
  const auto config_with = [](const std::string& coordinator) {
    return parse_config("[problem]\nname = \"softmax\"\n[data]\nsource = \"" OPTEX_TEST_DATA
                        "/formula\"\nshards = 7\n[parallel]\ndata = \"by_shard\"\ncoordinator_evaluates = " +
                            coordinator + "\n",
                        "softmax.toml", {});
  };
  for (const int ranks : {1, 2, 3, 9}) {
    const Config config = config_with(ranks == 2 ? "false" : "true");
    EXPECT_TRUE(keeps_by_shard(config));
    std::vector<int> owners(7, 0);
    for (int rank = 0; rank < ranks; ++rank) {
      const DataShare share = share_of_rank(config, survey_data(config), rank, ranks);
      EXPECT_EQ(share.with_test, rank == 0);
      for (Index shard = share.part.first; shard < share.part.end; ++shard)
        ++owners[static_cast<std::size_t>(shard)];
      const Problem problem = assemble_problem(config, &share);
      EXPECT_EQ(problem.objective->shard_count(), 7);
      EXPECT_EQ(problem.train->samples, 40);
      EXPECT_EQ(problem.shard_bytes.size(), 7u);
      EXPECT_EQ(problem.test.has_value(), rank == 0);
    }
    EXPECT_THAT(owners, testing::Each(1));
  }
}

// What a run reports must not depend on how many ranks it has.
TEST(DataShare, QualityIsThatOfTheTestDataEvenAlone) {
  const Config config = parse_config("[problem]\nname = \"softmax\"\n[data]\nsource = \"" OPTEX_TEST_DATA
                                     "/formula\"\n[parallel]\ndata = \"by_shard\"\n",
                                     "softmax.toml", {});
  const DataShare share = share_of_rank(config, survey_data(config), 0, 1);
  const Problem problem = assemble_problem(config, &share);
  const auto measures = problem.objective->assess(problem.objective->initial_point());
  ASSERT_EQ(measures.size(), 2u);
  EXPECT_EQ(measures[0].name, "test_accuracy");
}
}  // namespace
}  // namespace optex
