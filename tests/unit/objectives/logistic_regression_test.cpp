#include "optex/objectives/logistic_regression.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/dense_features.hpp"
#include "optex/data/sparse_features.hpp"
#include "optex/objectives/softmax_regression.hpp"

#include <cmath>
#include <vector>

#include "support/gradient_check.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::evaluate;

/// The same numbers stored densely or sparsely: sample s has feature f = sin(3 s + f) when (s + f) % 3 == 0.
std::shared_ptr<const Dataset> data_of(bool sparse, Index samples, Index features, Index classes) {
  std::vector<double> dense, stored;
  std::vector<std::int32_t> columns, labels;
  std::vector<std::size_t> starts = {0};
  for (Index s = 0; s < samples; ++s) {
    for (Index f = 0; f < features; ++f) {
      const double value = (s + f) % 3 == 0 ? std::sin(static_cast<double>(3 * s + f)) : 0.0;
      dense.push_back(value);
      if (value == 0.0) continue;
      stored.push_back(value);
      columns.push_back(static_cast<std::int32_t>(f));
    }
    starts.push_back(stored.size());
    labels.push_back(static_cast<std::int32_t>((s * s + s / 3) % classes));
  }
  std::unique_ptr<const FeatureTable> table;
  if (sparse)
    table = std::make_unique<SparseFeatures>(starts, columns, stored, features);
  else
    table = std::make_unique<DenseFeatures>(dense, features);
  return std::make_shared<const Dataset>("formula", std::move(table), labels, classes, "");
}

Vector waves(Index d) {
  Vector theta(d);
  for (Index i = 0; i < d; ++i) theta[i] = 0.7 * std::cos(static_cast<double>(i));
  return theta;
}

SampleKey key_of(std::int64_t iteration) {
  SampleKey key;
  key.seed = 3;
  key.iteration = iteration;
  return key;
}

TEST(LogisticRegression, IsTheFormula) {
  const auto data = data_of(false, 30, 7, 2);
  const LogisticRegression objective(data, nullptr, {.l2 = 0.3});
  const Vector theta = waves(8);
  double expected = 0.15 * theta.head(7).squaredNorm();
  std::vector<Index> all;
  for (Index i = 0; i < 30; ++i) all.push_back(i);
  Matrix x(7, 30);
  data->features().read(all, x);
  for (Index i = 0; i < 30; ++i) {
    const double z = x.col(i).dot(theta.head(7)) + theta[7];
    expected += std::log(1.0 + std::exp(data->labels()[static_cast<std::size_t>(i)] == 1 ? -z : z)) / 30.0;
  }
  EXPECT_NEAR(evaluate(objective, theta).value, expected, 1e-14);
}

TEST(LogisticRegression, GradientIsTheDerivative) {
  for (const bool sparse : {false, true})
    for (const Index shards : {1, 4})
      for (const Index batch : {0, 9}) {
        const LogisticRegression objective(data_of(sparse, 30, 7, 2), nullptr,
                                           {.shards = shards, .batch = batch, .l2 = 0.1});
        EXPECT_LT(test::gradient_error(objective, waves(8), key_of(5)), 1e-6);
      }
}

TEST(LogisticRegression, LargeMarginsDoNotOverflow) {
  const LogisticRegression objective(data_of(true, 30, 7, 2), nullptr);
  const test::Total far = evaluate(objective, 1e6 * waves(8));
  EXPECT_TRUE(std::isfinite(far.value));
  EXPECT_TRUE(far.gradient.allFinite());
}

// Storage must not change the problem; the order of the sums may change the last digits.
TEST(LogisticRegression, SparseAndDenseAgree) {
  const Vector theta = waves(8);
  const LogisticRegression dense(data_of(false, 30, 7, 2), data_of(false, 9, 7, 2), {.shards = 3, .l2 = 0.1});
  const LogisticRegression sparse(data_of(true, 30, 7, 2), data_of(true, 9, 7, 2), {.shards = 3, .l2 = 0.1});
  EXPECT_NEAR(evaluate(dense, theta).value, evaluate(sparse, theta).value, 1e-14);
  EXPECT_LT(norm(evaluate(dense, theta).gradient - evaluate(sparse, theta).gradient), 1e-14);
  const auto a = dense.assess(theta), b = sparse.assess(theta);
  ASSERT_EQ(a.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(a[k].value, b[k].value, 1e-14) << a[k].name;
  EXPECT_EQ(a[1].name, "test_accuracy");
}

TEST(SoftmaxRegressionSparse, AgreesWithDenseAndIsTheDerivative) {
  const Vector theta = waves(40);
  const SoftmaxRegression dense(data_of(false, 30, 7, 5), data_of(false, 9, 7, 5), {.shards = 3, .l2 = 0.1});
  const SoftmaxRegression sparse(data_of(true, 30, 7, 5), data_of(true, 9, 7, 5), {.shards = 3, .l2 = 0.1});
  EXPECT_NEAR(evaluate(dense, theta).value, evaluate(sparse, theta).value, 1e-14);
  EXPECT_LT(norm(evaluate(dense, theta).gradient - evaluate(sparse, theta).gradient), 1e-14);
  EXPECT_LT(test::gradient_error(sparse, theta), 1e-6);
  EXPECT_EQ(dense.assess(theta)[1].value, sparse.assess(theta)[1].value);
}

// The same model twice: softmax over two classes with the weights of class 0 at zero.
TEST(LogisticRegression, IsSoftmaxOfTwoClasses) {
  const auto data = data_of(true, 30, 7, 2);
  const Vector theta = waves(8);
  Vector both = Vector::Zero(16);
  both.segment(7, 7) = theta.head(7);
  both[15] = theta[7];
  EXPECT_NEAR(evaluate(LogisticRegression(data, data), theta).value,
              evaluate(SoftmaxRegression(data, data), both).value, 1e-14);
  EXPECT_EQ(LogisticRegression(data, data).assess(theta)[0].value,
            SoftmaxRegression(data, data).assess(both)[0].value);
}

TEST(LogisticRegression, MoreThanTwoClassesAreRefused) {
  try {
    const LogisticRegression objective(data_of(false, 30, 7, 3), nullptr);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("softmax"));
  }
  EXPECT_THROW(LogisticRegression(data_of(false, 5, 7, 2), nullptr, {.shards = 6}), UsageError);
}

}  // namespace
}  // namespace optex
