#include "optex/monitor/arithmetic.hpp"

#include "optex/core/errors.hpp"
#include "optex/monitor/provenance.hpp"

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace optex {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Arithmetic, IsTheSameTwiceAndSaysWhatItDependsOn) {
  EXPECT_EQ(arithmetic_here(), arithmetic_here());
  EXPECT_THAT(arithmetic_here(), testing::ContainsRegex("values [0-9a-f]{16}$"));
}

TEST(Arithmetic, RanksWithAnotherOneAreNamed) {
  EXPECT_EQ(uneven_arithmetic({"a", "a"}, {"n1", "n2"}), std::nullopt);
  const auto one = uneven_arithmetic({"a", "a", "b"}, {"n1", "n2", "n3"});
  ASSERT_TRUE(one);
  EXPECT_THAT(*one, HasSubstr("rank 2 (n3) may"));
  EXPECT_THAT(*one, HasSubstr("b there, a on rank 0"));
  const auto many = uneven_arithmetic({"a", "b", "b", "b", "b", "b", "b", "b", "b", "b", "a", "b"},
                                      std::vector<std::string>(12, "n"));
  ASSERT_TRUE(many);
  EXPECT_THAT(*many, HasSubstr("ranks 1 (n), 2 (n)"));
  EXPECT_THAT(*many, HasSubstr("8 (n), 2 more"));
  EXPECT_THAT(*many, Not(HasSubstr("9 (n)")));
}

TEST(Arithmetic, AnotherOneThanThatOfTheLastStartIsSaid) {
  const test::TemporaryFolder folder;
  const auto file = folder / "provenance.json";
  EXPECT_EQ(other_arithmetic_before(file, "a"), std::nullopt);  // an old run, or none
  Provenance provenance;
  provenance.arithmetic = "a";
  write_provenance(file, provenance);
  EXPECT_EQ(other_arithmetic_before(file, "a"), std::nullopt);
  EXPECT_THAT(other_arithmetic_before(file, "b").value_or(""), HasSubstr("(a; now b)"));
  std::filesystem::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_THROW(other_arithmetic_before(file, "b"), IoError);  // and nobody waits for it
}

}  // namespace
}  // namespace optex
