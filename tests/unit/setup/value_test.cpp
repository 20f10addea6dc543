#include "optex/setup/value.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "configurations.hpp"
#include "support/test_seed.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

double through_toml(double x) {
  return parse_config("[problem]\nname = \"sphere\"\n[stop]\nvalue = " + shortest(x) + "\n", "file.toml")
      .real("stop.value");
}

TEST(Value, DoublesSurviveBitForBit) {
  const test::TestSeed seed(7);
  std::mt19937_64 random(seed());
  int tried = 0;
  while (tried < 2000) {
    const double x = std::bit_cast<double>(random());
    if (!std::isfinite(x)) continue;
    ++tried;
    const double back = through_toml(x);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(x)) << shortest(x);
  }
}

TEST(Value, AwkwardDoublesSurvive) {
  for (const double x : {0.0, -0.0, 1.0, 0.1, 1e-8, 1e21, 1e22, 123456789.0, 1e7, 9007199254740993.0,
                         std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min(),
                         std::numeric_limits<double>::max(), std::nextafter(1.0, 2.0)}) {
    const double back = through_toml(x);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(x)) << shortest(x);
  }
}

TEST(Value, DoublesAreWrittenForPeople) {
  EXPECT_EQ(shortest(0.001), "0.001");
  EXPECT_EQ(shortest(1e-8), "1e-8");
  EXPECT_EQ(shortest(2.0), "2.0");
  EXPECT_EQ(shortest(1e12), "1e12");
  EXPECT_EQ(compact(2.0), "2");
  EXPECT_EQ(compact(-1.0), "-1");
  EXPECT_EQ(compact(65536.0), "65536");
  EXPECT_EQ(compact(1e100), "1e100");
}

TEST(Value, TextSurvives) {
  std::string every_character;
  for (char c = 1; c < 127; ++c) every_character += c;
  every_character += "\x7f é 漢字 🙂";
  const Config config = parse_config(
      "[problem]\nname = \"sphere\"\n[run]\noutput = " + toml_string(every_character) + "\n", "file.toml");
  EXPECT_EQ(config.text("run.output"), every_character);
}

TEST(Value, IntervalsAreReadAndWrittenBack) {
  for (const auto& [text, written] :
       {std::pair{"10 iterations", "\"10 iterations\""}, std::pair{"1 iteration", "\"1 iteration\""},
        std::pair{"30 s", "\"30 s\""}, std::pair{"15 min", "\"15 min\""},
        std::pair{"90 minutes", "\"90 min\""}, std::pair{"120 seconds", "\"2 min\""},
        std::pair{"2 h", "\"2 h\""}, std::pair{"1.5 h", "\"90 min\""}, std::pair{"0.25 s", "\"0.25 s\""}}) {
    const auto interval = parse_interval(text);
    ASSERT_TRUE(interval) << text;
    EXPECT_EQ(to_toml(*interval), written);
  }
  EXPECT_EQ(parse_interval("15 min")->seconds, 900.0);
  EXPECT_EQ(parse_interval("15 min")->iterations, 0);
}

TEST(Value, IntervalsGiveBackTheirSeconds) {
  const test::TestSeed seed(11);
  std::mt19937_64 random(seed());
  std::uniform_real_distribution<double> exponent(-6.0, 8.0);
  for (int i = 0; i < 1000; ++i) {
    const Interval interval{.iterations = 0, .seconds = std::pow(10.0, exponent(random))};
    const std::string written = to_toml(interval);
    EXPECT_EQ(parse_interval(written.substr(1, written.size() - 2)), interval) << written;
  }
}

TEST(Value, WrongIntervalsAreRefused) {
  for (const char* text :
       {"", "10", "iterations", "10iterations", "0 iterations", "-1 iterations", "1.5 iterations", "0 s",
        "-5 min", "nan s", "inf s", "1e306 h", "5 fortnights", " 5 s", "5 s "}) {
    EXPECT_FALSE(parse_interval(text)) << text;
  }
}

TEST(Value, NumbersAreTheWholeText) {
  EXPECT_EQ(parse_integer("1_000_000"), 1000000);
  EXPECT_EQ(parse_integer("+5"), 5);
  EXPECT_EQ(parse_integer("-5"), -5);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* text :
       {"", "5 ", " 5", "5x", "0x10", "1_", "_1", "1__0", "9223372036854775808", "+-5", "++5", "1.0"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
  EXPECT_EQ(parse_real("1e-3"), 0.001);
  EXPECT_EQ(parse_real("+0.5"), 0.5);
  for (const char* text : {"", "1e", "0.5x", "1,5", "1e999"}) EXPECT_FALSE(parse_real(text)) << text;
}

TEST(Value, ListsOfIntegers) {
  for (const char* text : {"128, 64", "128,64", "[128, 64]", "[ 128 ,64 ]", " 128,  64 "})
    EXPECT_EQ(parse_integer_list(text), (IntegerList{128, 64})) << text;
  EXPECT_EQ(parse_integer_list("7"), IntegerList{7});
  EXPECT_EQ(parse_integer_list("[]"), IntegerList{});
  for (const char* text :
       {"", " ", "[", "]", "[1", "1]", "1,", ",1", "1,,2", "[1,]", "1.5", "1 2", "a", "[[1]]"})
    EXPECT_FALSE(parse_integer_list(text)) << text;
  EXPECT_EQ(to_toml(IntegerList{128, 64}), "[128, 64]");
  EXPECT_EQ(to_toml(IntegerList{}), "[]");
}

}  // namespace
}  // namespace optex
