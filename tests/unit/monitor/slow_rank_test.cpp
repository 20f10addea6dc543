#include "optex/monitor/slow_rank.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace optex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class Ranks : public testing::Test {
 protected:
  /// So many rounds in which each rank computes so long.
  void play(int rounds, const std::vector<double>& seconds) {
    busy_.resize(seconds.size());
    for (int t = 0; t < rounds; ++t) {
      for (std::size_t r = 0; r < seconds.size(); ++r) busy_[r] += seconds[r];
      watch_.on_iteration({}, {});
    }
  }

  std::vector<double> busy_;
  std::vector<std::string> lines_;
  SlowRank watch_{[this] { return busy_; },
                  {"a", "a", "b", "b"},
                  [this](const std::string& line) { lines_.push_back(line); }};
};

TEST_F(Ranks, ASlowOneIsNamedOnceWithItsHost) {
  play(100, {1.0, 1.0, 10.0, 1.0});
  EXPECT_THAT(lines_, ElementsAre(StartsWith("slow rank: rank 2 on b computed 10 times as long as the others "
                                             "in the last 10 rounds, and every round waits for it;")));
}

TEST_F(Ranks, SharesThatDifferByATaskAreInOrder) {
  play(100, {1.0, 2.0, 2.0, 1.0});
  play(100, {0.0, 0.0, 1.0, 1.0});  // fewer tasks than ranks
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Ranks, OneBadMomentIsNoHabit) {
  for (int again = 0; again < 5; ++again) {
    play(10, {1.0, 1.0, 10.0, 1.0});
    play(10, {1.0, 1.0, 1.0, 1.0});
  }
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Ranks, TimesTooShortToMeanAnythingAreGathered) {
  play(500, {1e-4, 1e-4, 1e-3, 1e-4});  // half a second once
  EXPECT_THAT(lines_, IsEmpty());
  play(600, {1e-4, 1e-4, 1e-3, 1e-4});
  EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(Ranks, ALoneRankHasNobodyToBeSlowerThan) {
  play(100, {5.0});
  play(100, {});
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Ranks, OneThatBecomesSlowLaterIsFoundToo) {
  play(1000, {1.0, 1.0, 1.0, 1.0});
  play(40, {1.0, 6.0, 1.0, 1.0});
  EXPECT_THAT(lines_, ElementsAre(StartsWith("slow rank: rank 1 on a computed 6 times")));
}

}  // namespace
}  // namespace optex
