#include "optex/setup/suggestion.hpp"

#include "configurations.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Suggestion, DistanceCountsSlips) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("adam", "adam"), 0u);
  EXPECT_EQ(edit_distance("adma", "adam"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ca", "abc"), 3u);  // optimal string alignment, not the unrestricted distance
}

TEST(Suggestion, DistanceIsSymmetricAndOneForEverySlip) {
  const std::string word = "learning_rate";
  for (const std::string& slip : test::slips_of(word)) {
    EXPECT_EQ(edit_distance(word, slip), 1u) << slip;
    EXPECT_EQ(edit_distance(slip, word), 1u) << slip;
  }
}

TEST(Suggestion, AllNearestNamesAreGiven) {
  EXPECT_THAT(nearest("beta", {"beta1", "beta2", "alpha"}), ElementsAre("beta1", "beta2"));
  EXPECT_THAT(nearest("ADAM", {"adam", "adamw"}), ElementsAre("adam"));
  EXPECT_THAT(nearest("zzzzz", {"adam", "adamw"}), IsEmpty());
}

// A key of a megabyte would otherwise be compared, letter by letter, with every name.
TEST(Suggestion, WordsOfAnotherLengthAreFarWithoutALook) {
  EXPECT_EQ(near_distance("learning_rte", "learning_rate"), 1u);
  EXPECT_EQ(near_distance("adma", "zzzz"), std::nullopt);
  const std::string endless(std::size_t{1} << 26, 'k');
  const std::vector<std::string> names(1000, "learning_rate");
  EXPECT_EQ(near_distance(endless, "learning_rate"), std::nullopt);
  EXPECT_THAT(nearest(endless, names), IsEmpty());
}

TEST(Suggestion, AbbreviationsAreUnderstood) {
  EXPECT_THAT(nearest("lr", {"learning_rate", "name"}), ElementsAre("learning_rate"));
  EXPECT_THAT(nearest("eps", {"learning_rate", "epsilon"}), ElementsAre("epsilon"));
}

TEST(Suggestion, FarWordsGetTheWholeList) {
  EXPECT_EQ(suggestion("zzzzz", {"adam", "sgd"}), "valid: adam, sgd");
  EXPECT_EQ(suggestion("adma", {"adam", "sgd"}), "did you mean 'adam'?");
}

}  // namespace
}  // namespace optex
