#include "optex/distributed/slice_ranks.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <mpi.h>

namespace optex {
namespace {

constexpr Index whole = 9 * (Index{1} << 16) + 321;

class SliceRanksTest : public ::testing::Test {
 protected:
  SliceRanksTest() {
    for (Index i = 0; i < whole; ++i) vector_[i] = std::cos(0.37 * static_cast<double>(i)) * 1e4;
  }
  Vector slice() const { return vector_.segment(slices_.mine().first, slices_.mine().size); }

  Communicator communicator_{MPI_COMM_WORLD, {.stall_seconds = 60.0}};
  SliceRanks slices_{communicator_, whole};
  Vector vector_{whole};
};

TEST_F(SliceRanksTest, SumsAreThoseOfOneRank) {
  const double alone = squared_norm(vector_);
  const Vector mine = slice();
  const SlicesInUse use(&slices_);
  EXPECT_EQ(squared_norm(mine), alone);
  EXPECT_TRUE(all_finite(mine));
}

TEST_F(SliceRanksTest, WideSumsKeepTheirOrder) {
  const Index segments = std::max<Index>(1, slices_.mine().size / segment_length(whole));
  const Index first = slices_.mine().first / segment_length(whole);
  constexpr Index width = 3;
  std::vector<double> parts;
  for (Index s = first; s < first + segments; ++s)
    for (Index k = 0; k < width; ++k) parts.push_back(1.0 / static_cast<double>(7 * s + k + 1));
  double totals[width], expected[width] = {};
  slices_.add_up(parts, width, totals);
  for (Index s = 0; s < segment_count(whole); ++s)
    for (Index k = 0; k < width; ++k) expected[k] += 1.0 / static_cast<double>(7 * s + k + 1);
  for (Index k = 0; k < width; ++k) EXPECT_EQ(totals[k], expected[k]);
}

TEST_F(SliceRanksTest, ASumIsOneMessageUpAndOneDownForEveryOtherRank) {
  const Traffic before = communicator_.traffic();
  const Vector mine = slice();
  {
    const SlicesInUse use(&slices_);
    sum(mine);
  }
  const Traffic& after = communicator_.traffic();
  const auto sent = after.messages_sent - before.messages_sent;
  const auto received = after.messages_received - before.messages_received;
  EXPECT_EQ(sent, received);  // a child's sums for its totals, and its own for those of its parent
  std::int64_t all = 0;
  MPI_Allreduce(&sent, &all, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  EXPECT_EQ(all, 2 * (communicator_.size() - 1));
}

TEST_F(SliceRanksTest, SlicesComeTogetherAndGoApart) {
  const Vector mine = slice();
  const Vector gathered = slices_.gather(mine);
  EXPECT_EQ(gathered.size(), slices_.is_first() ? whole : 0);
  EXPECT_TRUE(!slices_.is_first() || gathered == vector_);
  EXPECT_TRUE(slices_.scatter(slices_.is_first() ? vector_ : Vector()) == mine);
}

TEST_F(SliceRanksTest, TheOthersHearWhatIsCalledFor) {
  int summoned = 0;
  slices_.on_call([&] { ++summoned; });
  for (const JointStep step : {JointStep::iterate, JointStep::save, JointStep::broken}) {
    if (slices_.is_first())
      slices_.call(step);
    else
      EXPECT_EQ(slices_.called(), step);
  }
  EXPECT_EQ(summoned, slices_.is_first() ? 3 : 0);
}

TEST(SliceHolders, AreNoMoreThanThereAreSegments) {
  EXPECT_EQ(SliceRanks::holders(1000, 8), 1);
  EXPECT_EQ(SliceRanks::holders(whole, 8), 8);
  EXPECT_EQ(SliceRanks::holders(whole, 64), 9);
}

}  // namespace
}  // namespace optex
