#include "optex/objectives/retrying.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

/// Fails so many times before it answers; counts.
class Shaky final : public Objective {
 public:
  Shaky(int failures, int& calls, bool infeasible = false)
      : failures_(failures), calls_(calls), infeasible_(infeasible) {}
  Index dimension() const override { return 2; }
  double value_and_gradient(ConstVectorRef, const SampleKey&, Index, VectorRef gradient) const override {
    ++calls_;
    if (infeasible_) throw InfeasiblePoint("outside");
    EXPECT_TRUE(std::isnan(gradient[1]));
    gradient.setConstant(1.0);
    if (calls_ <= failures_) throw std::runtime_error("shaky");
    return 5.0;
  }

 private:
  int failures_;
  int& calls_;
  bool infeasible_;
};

double evaluate(const Objective& objective) {
  Vector gradient = Vector::Constant(2, std::nan(""));
  return objective.value_and_gradient(Vector::Zero(2), {}, 0, gradient);
}

TEST(Retrying, TriesAgainAsOftenAsItMay) {
  int calls = 0;
  EXPECT_EQ(evaluate(Retrying(std::make_unique<Shaky>(2, calls), 2)), 5.0);
  EXPECT_EQ(calls, 3);
  calls = 0;
  try {
    evaluate(Retrying(std::make_unique<Shaky>(3, calls), 2));
    FAIL();
  } catch (const EvaluationError& error) {
    EXPECT_STREQ(error.what(), "failed 3 times, at last: shaky");
  }
  EXPECT_EQ(calls, 3);
}

TEST(Retrying, AnInfeasiblePointIsAnAnswer) {
  int calls = 0;
  EXPECT_THROW(evaluate(Retrying(std::make_unique<Shaky>(0, calls, true), 5)), InfeasiblePoint);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace optex
