#include "outcome_text.hpp"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(OutcomeText, ComesBackAsItWas) {
  Outcome outcome;
  outcome.code = ExitCode::numerical;
  outcome.reason = "error";
  outcome.message = "a NaN\nin two lines";
  outcome.final_value = -0.0;
  outcome.solution = Vector::LinSpaced(5, -1.0, 1.0);
  outcome.rounds = 7;
  outcome.gradients = 1'000'000'000'000;
  outcome.seconds = 0.25;
  outcome.measures = {{"accuracy", 0.5}, {"", 1e300}};
  const Outcome back = outcome_from(to_bytes(outcome));
  EXPECT_EQ(back.code, outcome.code);
  EXPECT_EQ(back.reason, outcome.reason);
  EXPECT_EQ(back.message, outcome.message);
  EXPECT_TRUE(std::signbit(back.final_value));
  EXPECT_EQ(back.solution, outcome.solution);
  EXPECT_EQ(back.rounds, outcome.rounds);
  EXPECT_EQ(back.gradients, outcome.gradients);
  EXPECT_EQ(back.seconds, outcome.seconds);
  ASSERT_EQ(back.measures.size(), 2U);
  EXPECT_EQ(back.measures[0].name, "accuracy");
  EXPECT_EQ(back.measures[1].value, 1e300);
}

TEST(OutcomeText, CutShortIsAnError) {
  const std::string bytes = to_bytes(Outcome());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_THROW(outcome_from(bytes.substr(0, length)), Error) << length;
}

}  // namespace
}  // namespace optex
