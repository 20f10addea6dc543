#include "optex/objectives/test_functions.hpp"

#include "optex/core/errors.hpp"
#include "optex/objectives/quadratic.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/gradient_check.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

/// An objective and what numpy computes for it: at d = 5 everything, at d = 1000 sums; all at the start.
struct Golden {
  std::string name;
  std::function<std::unique_ptr<Objective>(Index)> make;
  std::vector<double> start, gradient;
  double value;
  double large_value, large_start_norm, large_gradient_norm, large_projection;  // projection: on cos i
};

template <class T>
std::unique_ptr<Objective> make(Index d) {
  return std::make_unique<T>(d);
}

const std::vector<Golden>& golden() {
  static const std::vector<Golden> cases = {
      {"sphere",
       make<Sphere>,
       {1.5, 2.3414709848078967, 2.4092974268256815, 1.6411200080598671, 0.7431975046920716},
       {0.6, 0.9365883939231587, 0.9637189707302726, 0.6564480032239468, 0.29727900187682865},
       3.3565635750882103,
       2.74947011251877,
       52.435389886209194,
       0.10487077977241843,
       0.002900818742307746},
      {"ackley",
       make<Ackley>,
       {0.25, 0.37622064772118446, 0.3863946140238522, 0.2711680012089801, 0.13647962570381073},
       {1.6710709023804475, 1.6795163471077164, 1.6563819792530676, 1.7153314391789363, 1.1309629520947668},
       3.0498202233650784,
       2.7754907520588685,
       8.587082199872896,
       0.272902916909647,
       0.009520162349322707},
      {"rosenbrock",
       make<Rosenbrock>,
       {0.5, 0.9207354924039483, 0.9546487134128407, 0.5705600040299336, 0.12159875234603579},
       {-27.02941969615793, 18.923962094115687, 30.284750805639554, -4.494743458924359, -8.157598634104081},
       12.469447337513888,
       14.196046314767708,
       19.361579367559553,
       2.3893580710658004,
       -0.0021821269149970846},
      {"absolute_deviation",
       make<AbsoluteDeviation>,
       {1.5, 2.3414709848078967, 2.4092974268256815, 1.6411200080598671, 0.7431975046920716},
       {0.2, 0.29092974268256816, 0.12431975046920715, 0.1720584501801074, 0.29893582466233815},
       1.845543059670618,
       1.4990000933163918,
       52.435389886209194,
       0.033538728743576204,
       0.0009624938110436689},
      {"styblinski_tang",
       make<StyblinskiTang>,
       {-0.5, 0.7622064772118446, 0.8639461402385225, -0.2883199879101992, -1.6352037429618926},
       {2.05, -1.7619365291858806, -2.0066868754715133, 1.4130369278200976, 3.983709165094543},
       32.643843525565664,
       28.74727721681623,
       37.06634942768869,
       0.4399298580943654,
       0.01031827858408825},
      {"quadratic",
       [](Index d) { return std::make_unique<Quadratic>(d); },
       {4.067309364078665, -0.29701936622981845, -0.3829137194243412, -0.06362333466559258,
        0.03034902249077237},
       {0.16492245824158352, 0.15042604712425117, 0.1311259324656313, 0.11600341177118764,
        0.10834254364728338},
       0.2859044287312768,
       0.15105992448682015,
       52.43538988620915,
       0.012369726153274066,
       0.005118457165705107},
  };
  return cases;
}

class TestFunctions : public testing::TestWithParam<Golden> {};

TEST_P(TestFunctions, AgreeWithNumpyCoordinateByCoordinate) {
  const Golden& expected = GetParam();
  const auto objective = expected.make(5);
  const Vector start = objective->initial_point();
  const test::Total at = test::evaluate(*objective, start);
  EXPECT_NEAR(at.value, expected.value, 1e-13 * expected.value);
  for (Index i = 0; i < 5; ++i) {
    const auto k = static_cast<std::size_t>(i);
    EXPECT_NEAR(start[i], expected.start[k], 1e-14) << i;
    EXPECT_NEAR(at.gradient[i], expected.gradient[k], 1e-13 * norm(at.gradient)) << i;
  }
}

TEST_P(TestFunctions, AgreeWithNumpyAtManyCoordinates) {
  const Golden& expected = GetParam();
  const auto objective = expected.make(1000);
  ASSERT_EQ(objective->dimension(), 1000);
  const Vector start = objective->initial_point();
  const test::Total at = test::evaluate(*objective, start);
  Vector probe(1000);
  for (Index i = 0; i < 1000; ++i) probe[i] = std::cos(static_cast<double>(i));
  EXPECT_NEAR(at.value, expected.large_value, 1e-12 * expected.large_value);
  EXPECT_NEAR(norm(start), expected.large_start_norm, 1e-12 * expected.large_start_norm);
  EXPECT_NEAR(norm(at.gradient), expected.large_gradient_norm, 1e-12 * expected.large_gradient_norm);
  EXPECT_NEAR(dot(at.gradient, probe), expected.large_projection, 1e-12 * norm(at.gradient) * norm(probe));
}

TEST_P(TestFunctions, GradientIsTheDerivative) {
  for (const Index d : {2, 3, 10, 64, 1000}) {
    const auto objective = GetParam().make(d);
    Vector theta = objective->initial_point();
    for (Index i = 0; i < d; ++i) theta[i] += 0.1 * std::cos(3.0 * static_cast<double>(i));
    EXPECT_LT(test::gradient_error(*objective, theta), 1e-6) << d;
  }
}

TEST_P(TestFunctions, SameDigitsWhereverTheVectorsLie) {
  const auto objective = GetParam().make(1001);
  const Vector start = objective->initial_point();
  const test::Total aligned = test::evaluate(*objective, start);
  Vector theta(1002), gradient(1002);
  theta.tail(1001) = start;
  EXPECT_EQ(objective->value_and_gradient(theta.tail(1001), {}, 0, gradient.tail(1001)), aligned.value);
  EXPECT_EQ(gradient.tail(1001), aligned.gradient);
}

TEST_P(TestFunctions, DoNotDependOnTheKey) {
  const auto objective = GetParam().make(10);
  SampleKey other;
  other.seed = 5;
  other.iteration = 9;
  const Vector start = objective->initial_point();
  EXPECT_FALSE(objective->is_noisy());
  EXPECT_EQ(test::evaluate(*objective, start, other).gradient, test::evaluate(*objective, start).gradient);
}

TEST_P(TestFunctions, RefuseWhatDoesNotFit) {
  const auto objective = GetParam().make(4);
  Vector right(4), wrong(3);
  right.setZero();
  wrong.setZero();
  EXPECT_THROW(objective->value_and_gradient(wrong, {}, 0, right), EvaluationError);
  EXPECT_THROW(objective->value_and_gradient(right, {}, 0, wrong), EvaluationError);
  EXPECT_THROW(objective->value_and_gradient(right, {}, 1, right), EvaluationError);
  EXPECT_THROW(GetParam().make(0), UsageError);
  EXPECT_THROW(GetParam().make(-3), UsageError);
}

INSTANTIATE_TEST_SUITE_P(All, TestFunctions, testing::ValuesIn(golden()),
                         [](const auto& test_case) { return test_case.param.name; });

TEST(TestFunctionsInOneDimension, WorkWhereTheyAreDefined) {
  for (const auto& objective :
       {make<Sphere>(1), make<Ackley>(1), make<AbsoluteDeviation>(1), make<StyblinskiTang>(1)})
    EXPECT_LT(test::gradient_error(*objective, Vector::Constant(1, 0.3)), 1e-6);
  EXPECT_THROW(Rosenbrock(1), UsageError);
  EXPECT_THROW(Quadratic(1), UsageError);
}

TEST(TestFunctionsAtTheMinimum, HaveValueAndGradientZero) {
  const auto expect_minimum = [](const Objective& objective, const Vector& theta, double tolerance) {
    const test::Total at = test::evaluate(objective, theta);
    EXPECT_NEAR(at.value, 0, tolerance);
    EXPECT_NEAR(norm(at.gradient), 0, tolerance);
  };
  const Index d = 33;
  Vector cosines(d);
  for (Index i = 0; i < d; ++i) cosines[i] = std::cos(static_cast<double>(i));
  expect_minimum(Sphere(d), Vector::Zero(d), 0);
  expect_minimum(Ackley(d), Vector::Zero(d), 1e-14);
  expect_minimum(Rosenbrock(d), Vector::Ones(d), 0);
  expect_minimum(AbsoluteDeviation(d), cosines, 0);
  expect_minimum(Quadratic(d), Vector::Zero(d), 0);
  expect_minimum(StyblinskiTang(d), Vector::Constant(d, -2.903534027771177), 1e-13);
}

TEST(TestFunctionsWithNaN, DoNotHideIt) {
  for (const Golden& function : golden()) {
    const auto objective = function.make(40);
    Vector theta = objective->initial_point();
    theta[7] = std::nan("");
    const test::Total at = test::evaluate(*objective, theta);
    EXPECT_TRUE(std::isnan(at.value)) << function.name;
    EXPECT_FALSE(all_finite(at.gradient)) << function.name;
  }
}

/// Off by one part in a thousand in one coordinate.
class WrongSphere final : public Objective {
 public:
  Index dimension() const override { return 20; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    const double value = Sphere(20).value_and_gradient(theta, key, shard, gradient);
    gradient[3] *= 1.001;
    return value;
  }
};

TEST(GradientCheck, FindsAWrongCoordinate) {
  EXPECT_GT(test::gradient_error(WrongSphere(), Sphere(20).initial_point()), 1e-5);
}

}  // namespace
}  // namespace optex
