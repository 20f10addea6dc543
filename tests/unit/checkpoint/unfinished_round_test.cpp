#include "optex/checkpoint/unfinished_round.hpp"

#include <limits>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>

namespace optex {
namespace {

std::vector<FinishedPoint> two_points() {
  std::vector<FinishedPoint> finished(2);
  finished[0] = {1, std::numeric_limits<std::uint64_t>::max() - 7, {}};
  finished[0].evaluation.value = 0.1;
  finished[0].evaluation.gradient = Vector::LinSpaced(5, 1.0 / 3.0, 2.0);
  finished[1] = {3, 12, {}};
  finished[1].evaluation.value = -2.5;
  finished[1].evaluation.gradients = 4;
  finished[1].evaluation.gradient = Vector::LinSpaced(5, -1.0, 7.0);
  return finished;
}

TEST(UnfinishedRound, GivesBackTheSameBitsForItsRoundOnly) {
  const test::TemporaryFolder folder;
  const auto file = folder / "unfinished-round.h5";
  EXPECT_TRUE(load_unfinished_round(file, 12, "abc").finished.empty());
  save_unfinished_round(file, 12, "abc", two_points());
  const UnfinishedRound round = load_unfinished_round(file, 12, "abc");
  EXPECT_EQ(round.problem, "");
  ASSERT_EQ(round.finished.size(), 2U);
  for (std::size_t k = 0; k < 2; ++k) {
    const FinishedPoint expected = two_points()[k];
    EXPECT_EQ(round.finished[k].submission, expected.submission);
    EXPECT_EQ(round.finished[k].mark, expected.mark);
    EXPECT_EQ(round.finished[k].evaluation.value, expected.evaluation.value);
    EXPECT_EQ(round.finished[k].evaluation.gradients, expected.evaluation.gradients);
    EXPECT_EQ(round.finished[k].evaluation.gradient, expected.evaluation.gradient);
  }
  for (const auto& other : {load_unfinished_round(file, 13, "abc"), load_unfinished_round(file, 12, "abd")}) {
    EXPECT_TRUE(other.finished.empty());
    EXPECT_EQ(other.problem, "");
  }
  remove_unfinished_round(file);
  remove_unfinished_round(file);
  EXPECT_TRUE(load_unfinished_round(file, 12, "abc").finished.empty());
}

TEST(UnfinishedRound, ADamagedFileIsToldAndNotUsed) {
  const test::TemporaryFolder folder;
  const auto file = folder / "unfinished-round.h5";
  save_unfinished_round(file, 12, "abc", two_points());
  const std::string bytes = test::read_bytes(file);
  for (std::size_t at = 0; at < bytes.size(); at += 37) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(file, std::ios::binary) << damaged;
    const UnfinishedRound round = load_unfinished_round(file, 12, "abc");
    EXPECT_TRUE(round.finished.empty()) << at;
    EXPECT_THAT(round.problem, ::testing::HasSubstr("unfinished-round.h5")) << at;
  }
}

}  // namespace
}  // namespace optex
