#include "optex/objectives/costly.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/test_functions.hpp"

#include <limits>

#include "support/gradient_check.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(Costly, TakesItsTimeAndChangesNoNumber) {
  const Vector theta = Vector::LinSpaced(40, -1, 1);
  const auto exact = test::evaluate(Rosenbrock(40), theta);
  for (const CostKind kind : {CostKind::compute, CostKind::sleep}) {
    const Costly costly(std::make_unique<Rosenbrock>(40), kind, 0.02);
    EXPECT_EQ(costly.initial_point(), Rosenbrock(40).initial_point());
    EXPECT_EQ(costly.shard_count(), 1);
    const Stopwatch watch;
    const auto answer = test::evaluate(costly, theta);
    EXPECT_GE(watch.seconds(), 0.02);
    EXPECT_EQ(answer.value, exact.value);
    EXPECT_EQ(answer.gradient, exact.gradient);
  }
}

TEST(Costly, NoiseStaysNoise) {
  const auto noisy = [] {
    return std::make_unique<Noisy>(std::make_unique<Sphere>(4), NoiseOptions{.sigma = 1.0});
  };
  EXPECT_TRUE(Costly(noisy(), CostKind::sleep, 0.0).is_noisy());
  EXPECT_FALSE(Costly(std::make_unique<Sphere>(4), CostKind::sleep, 0.0).is_noisy());
}

TEST(Costly, KeepsTheStateAndWhatIsToBeSeen) {
  class Moving final : public Objective {
   public:
    Index dimension() const override { return 2; }
    double value_and_gradient(ConstVectorRef, const SampleKey&, Index, VectorRef gradient) const override {
      gradient.setZero();
      return level_;
    }
    Vector initial_state() const override { return Vector::Constant(1, 3.0); }
    void advance(ConstVectorRef theta, Vector& state) const override { state[0] += theta[0]; }
    void renew(ConstVectorRef state) const override { level_ = state[0]; }
    std::vector<Exhibit> exhibits(ConstVectorRef) const override {
      return {{.name = "picture", .values = {}}};
    }

   private:
    mutable double level_ = 0;
  };
  const Costly costly(std::make_unique<Moving>(), CostKind::sleep, 0.0);
  const Vector theta = Vector::Constant(2, 4.0);
  Vector state = costly.initial_state();
  ASSERT_EQ(state.size(), 1);
  costly.advance(theta, state);
  costly.renew(state);
  EXPECT_EQ(test::evaluate(costly, theta).value, 7.0);
  ASSERT_EQ(costly.exhibits(theta).size(), 1U);
  EXPECT_EQ(costly.exhibits(theta).front().name, "picture");
}

TEST(Costly, RefusesWhatIsNoTime) {
  for (const double seconds :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    EXPECT_THROW(Costly(std::make_unique<Sphere>(4), CostKind::compute, seconds), UsageError) << seconds;
}

}  // namespace
}  // namespace optex
