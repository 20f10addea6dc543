#include "optex/evaluation/serial_evaluator.hpp"

#include "optex/core/errors.hpp"

#include <new>

#include "support/order_sensitive_objective.hpp"
#include <gmock/gmock.h>

namespace optex {
namespace {

using optex::testing::OrderSensitiveObjective;
using optex::testing::same_bits;
using ::testing::IsEmpty;

SampleKey key_of_point(std::int32_t point) {
  SampleKey key;
  key.seed = 7;
  key.iteration = 3;
  key.point = point;
  return key;
}

/// Calls a function for each shard.
template <class Function>
class FunctionObjective : public Objective {
 public:
  FunctionObjective(Index dimension, Index shards, Function function)
      : dimension_(dimension), shards_(shards), function_(function) {}
  Index dimension() const override { return dimension_; }
  Index shard_count() const override { return shards_; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    return function_(theta, key, shard, gradient);
  }

 private:
  Index dimension_;
  Index shards_;
  Function function_;
};

std::string failure_of(const Objective& objective, const SampleKey& key = key_of_point(0)) {
  SerialEvaluator evaluator(objective);
  evaluator.begin({1});
  evaluator.submit(point_at(key, Vector::Ones(objective.dimension())));
  return evaluator.close().evaluations.at(0).failure;
}

TEST(SerialEvaluator, SumsTheShardsInTheOrderOfTheTree) {
  const OrderSensitiveObjective objective(11, 3);
  const Vector theta = Vector::LinSpaced(11, -1.0, 1.0);
  SerialEvaluator evaluator(objective);
  evaluator.begin({2});
  evaluator.submit(point_at(key_of_point(0), theta));
  evaluator.submit(point_at(key_of_point(1), 2.0 * theta));
  const std::vector<Evaluation> evaluations = evaluator.close().evaluations;
  ASSERT_EQ(evaluations.size(), 2U);

  for (std::int32_t point = 0; point < 2; ++point) {
    std::vector<Vector> gradient(3, Vector(11));
    std::vector<double> value(3);
    for (Index shard = 0; shard < 3; ++shard)
      value[static_cast<std::size_t>(shard)] = objective.value_and_gradient(
          (point + 1) * theta, key_of_point(point), shard, gradient[static_cast<std::size_t>(shard)]);
    const Evaluation& evaluation = evaluations[static_cast<std::size_t>(point)];
    EXPECT_TRUE(is_usable(evaluation));
    EXPECT_TRUE(same_bits(evaluation.value, (value[0] + value[1]) + value[2]));
    EXPECT_TRUE(same_bits(evaluation.gradient, (gradient[0] + gradient[1]) + gradient[2]));
  }
}

TEST(SerialEvaluator, KeepsItsOwnCopyOfTheta) {
  const OrderSensitiveObjective objective(4, 2);
  Vector theta = Vector::Ones(4);
  SerialEvaluator evaluator(objective);
  const auto evaluate = [&](bool overwrite) {
    evaluator.begin({1});
    evaluator.submit(point_at(key_of_point(0), theta));
    if (overwrite) theta.setZero();
    return evaluator.close().evaluations.at(0).gradient;
  };
  const Vector expected = evaluate(false);
  EXPECT_TRUE(same_bits(evaluate(true), expected));
}

TEST(SerialEvaluator, FewerPointsThanAnnouncedAreFine) {
  const OrderSensitiveObjective objective(2, 1);
  SerialEvaluator evaluator(objective);
  evaluator.begin({5});
  EXPECT_THAT(evaluator.close().evaluations, IsEmpty());
  evaluator.begin({5});
  evaluator.submit(point_at(key_of_point(0), Vector::Ones(2)));
  EXPECT_EQ(evaluator.close().evaluations.size(), 1U);
}

TEST(SerialEvaluator, AnExceptionIsAFailureWithPointAndShard) {
  OrderSensitiveObjective objective(2, 6);
  objective.fail_on(4, 1);
  SerialEvaluator evaluator(objective);
  evaluator.begin({3});
  for (std::int32_t point = 0; point < 3; ++point)
    evaluator.submit(point_at(key_of_point(point), Vector::Ones(2)));
  const std::vector<Evaluation> evaluations = evaluator.close().evaluations;
  EXPECT_TRUE(is_usable(evaluations[0]));
  EXPECT_EQ(evaluations[1].failure, "point 1, shard 4: broken on purpose");
  EXPECT_EQ(evaluations[1].gradient.size(), 0);
  EXPECT_TRUE(is_usable(evaluations[2]));
}

TEST(SerialEvaluator, WhateverIsThrownBecomesOneLine) {
  const auto throwing = [](auto thrown) {
    const auto function = [thrown](ConstVectorRef, const SampleKey&, Index, VectorRef) -> double {
      throw thrown;
    };
    return FunctionObjective<decltype(function)>(1, 1, function);
  };
  EXPECT_EQ(failure_of(throwing(std::runtime_error("two\nlines"))), "point 0, shard 0: two lines");
  EXPECT_EQ(failure_of(throwing(std::runtime_error(""))), "point 0, shard 0: no reason given");
  EXPECT_EQ(failure_of(throwing(std::bad_alloc())), "point 0, shard 0: out of memory");
  EXPECT_EQ(failure_of(throwing(42)),
            "point 0, shard 0: the objective threw something that is no std::exception");
  SampleKey key = key_of_point(2);
  key.batch = 3;
  EXPECT_EQ(failure_of(throwing(std::runtime_error("no")), key), "point 2, batch 3, shard 0: no");
}

TEST(SerialEvaluator, NumbersThatAreNotFiniteComeThroughUntouched) {
  const auto function = [](ConstVectorRef, const SampleKey&, Index shard, VectorRef gradient) {
    gradient.setOnes();
    if (shard == 1) gradient[2] = std::numeric_limits<double>::infinity();
    return shard == 1 ? std::numeric_limits<double>::quiet_NaN() : 1.0;
  };
  const FunctionObjective<decltype(function)> objective(3, 2, function);
  SerialEvaluator evaluator(objective);
  evaluator.begin({1});
  evaluator.submit(point_at(key_of_point(0), Vector::Zero(3)));
  const Evaluation evaluation = evaluator.close().evaluations.at(0);
  EXPECT_FALSE(evaluation.failed());
  EXPECT_FALSE(is_usable(evaluation));
  EXPECT_TRUE(std::isnan(evaluation.value));
  EXPECT_EQ(evaluation.gradient[1], 2.0);
  EXPECT_TRUE(std::isinf(evaluation.gradient[2]));
}

TEST(SerialEvaluator, AnObjectiveThatDoesNotWriteItsGradientIsFoundOut) {
  const auto forgets = [](ConstVectorRef, const SampleKey&, Index, VectorRef gradient) {
    gradient[0] = 1.0;
    return 0.0;
  };
  const auto adds = [](ConstVectorRef theta, const SampleKey&, Index, VectorRef gradient) {
    gradient += theta;
    return 0.0;
  };
  const auto usable = [](const Objective& objective) {
    SerialEvaluator evaluator(objective);
    evaluator.begin({1});
    evaluator.submit(point_at(key_of_point(0), Vector::Zero(2)));
    return is_usable(evaluator.close().evaluations.at(0));
  };
  EXPECT_FALSE(usable(FunctionObjective<decltype(forgets)>(2, 2, forgets)));
  EXPECT_FALSE(usable(FunctionObjective<decltype(adds)>(2, 2, adds)));
}

TEST(SerialEvaluator, RefusesPointsThatWereNotAnnouncedOrAreOfAnotherLength) {
  const OrderSensitiveObjective objective(2, 1);
  SerialEvaluator evaluator(objective);
  EXPECT_THROW(evaluator.submit(point_at(key_of_point(0), Vector::Ones(2))), Error);
  evaluator.begin({1});
  EXPECT_THROW(evaluator.submit(point_at(key_of_point(0), Vector::Ones(3))), Error);
  evaluator.submit(point_at(key_of_point(0), Vector::Ones(2)));
  EXPECT_THROW(evaluator.submit(point_at(key_of_point(1), Vector::Ones(2))), Error);
}

}  // namespace
}  // namespace optex
