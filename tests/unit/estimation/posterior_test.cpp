#include "optex/estimation/posterior.hpp"

#include "optex/estimation/gaussian_process.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/kernels/rational_quadratic.hpp"
#include "optex/kernels/rbf.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "support/golden.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

std::shared_ptr<const Kernel> kernel_named(const std::string& name) {
  if (name == "rbf") return std::make_shared<Rbf>();
  if (name == "matern12") return std::make_shared<Matern12>();
  if (name == "matern32") return std::make_shared<Matern32>();
  if (name == "matern52") return std::make_shared<Matern52>();
  return std::make_shared<RationalQuadratic>();
}

GradientHistory golden_history(const nlohmann::json& golden, const std::vector<Index>& order = {}) {
  const auto& thetas = golden["history"]["theta"];
  const auto& gradients = golden["history"]["gradient"];
  GradientHistory history(8, 6);
  for (std::size_t i = 0; i < thetas.size(); ++i) {
    const auto k = order.empty() ? i : static_cast<std::size_t>(order[i]);
    history.append(test::to_vector(thetas[k]), test::to_vector(gradients[k]), 0.0,
                   static_cast<std::int64_t>(i));
  }
  return history;
}

HyperparameterRules rules_of(const nlohmann::json& expected) {
  HyperparameterRules rules;
  const auto& lengthscale = expected["lengthscale_rule"];
  if (lengthscale.is_number()) {
    rules.lengthscale_rule = LengthscaleRule::fixed;
    rules.lengthscale = lengthscale.get<double>();
  } else if (lengthscale == "paper") {
    rules.lengthscale_rule = LengthscaleRule::paper;
  }
  if (expected["nugget_rule"].is_number()) rules.nugget = expected["nugget_rule"].get<double>();
  return rules;
}

TEST(Posterior, AgreesWithAnIndependentImplementation) {
  const nlohmann::json golden = test::golden();
  const GradientHistory history = golden_history(golden);
  const Vector query = test::to_vector(golden["history"]["query"]);
  ASSERT_EQ(golden["posterior"].size(), 30U);
  for (const auto& expected : golden["posterior"]) {
    SCOPED_TRACE(expected["kernel"].get<std::string>() + " " + expected["prior_mean"].get<std::string>() +
                 " " + expected["lengthscale_rule"].dump());
    const PriorMean prior = expected["prior_mean"] == "zero" ? PriorMean::zero : PriorMean::constant;
    const auto kernel = kernel_named(expected["kernel"]);
    const Gram gram = gram_of(history, prior);
    const Hyperparameters chosen = choose_hyperparameters(gram, *kernel, prior, rules_of(expected));
    EXPECT_NEAR(chosen.lengthscale / expected["lengthscale"].get<double>(), 1.0, 1e-12);
    EXPECT_EQ(chosen.nugget, expected["nugget"].get<double>());
    const Posterior posterior(history, gram, kernel, prior, chosen);
    Vector mean(8);
    EXPECT_NEAR(posterior.predict(query, mean), expected["variance"].get<double>(), 1e-9);
    EXPECT_LT((mean - test::to_vector(expected["mean"])).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_LT((posterior.weights(query) - test::to_vector(expected["weights"])).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_NEAR(posterior.noise_energy(), expected["noise_energy"].get<double>(), 1e-9);
  }
}

class PosteriorLaws : public testing::TestWithParam<std::tuple<std::string, PriorMean>> {
 protected:
  std::unique_ptr<GradientModel> fit(const GradientHistory& history, double nugget) const {
    HyperparameterRules rules{LengthscaleRule::fixed, 0.9, nugget};
    return GaussianProcess(kernel_named(std::get<0>(GetParam())), std::get<1>(GetParam()), rules)
        .fit(history);
  }
  // exp(-r) has a cusp at r = 0, where round-off in r^2 is amplified by a square root.
  double tolerance() const { return std::get<0>(GetParam()) == "matern12" ? 1e-7 : 1e-10; }
};

TEST_P(PosteriorLaws, InterpolatesExactDataWithoutDoubt) {
  const GradientHistory history = golden_history(test::golden());
  const auto model = fit(history, 0.0);
  Vector mean(8);
  for (Index i = 0; i < history.size(); ++i) {
    EXPECT_NEAR(model->predict(history.theta(i), mean), 0.0, tolerance());
    EXPECT_LT((mean - history.gradient(i)).cwiseAbs().maxCoeff(), tolerance());
  }
}

TEST_P(PosteriorLaws, OrderOfEntriesDoesNotMatter) {
  const nlohmann::json golden = test::golden();
  const Vector query = test::to_vector(golden["history"]["query"]);
  Vector mean(8), permuted_mean(8);
  const GradientHistory history = golden_history(golden);
  const double variance = fit(history, 1e-3)->predict(query, mean);
  std::vector<Index> order{3, 0, 5, 1, 4, 2};
  for (int round = 0; round < 4; ++round) {
    const GradientHistory permuted = golden_history(golden, order);
    EXPECT_NEAR(fit(permuted, 1e-3)->predict(query, permuted_mean), variance, 1e-10);
    EXPECT_LT((mean - permuted_mean).cwiseAbs().maxCoeff(), 1e-10);
    std::next_permutation(order.begin(), order.end());
  }
}

TEST_P(PosteriorLaws, FarAwayIsThePrior) {
  const GradientHistory history = golden_history(test::golden());
  const auto model = fit(history, 1e-3);
  const Vector far = Vector::Constant(8, 1e6);
  Vector mean(8);
  const double variance = model->predict(far, mean);
  if (std::get<1>(GetParam()) == PriorMean::zero) {
    EXPECT_LT(mean.cwiseAbs().maxCoeff(), 1e-6);
    EXPECT_NEAR(variance, 1.0, 1e-9);
  } else {
    EXPECT_GT(variance, 1.0) << "the unknown constant adds its own doubt";
  }
}

INSTANTIATE_TEST_SUITE_P(All, PosteriorLaws,
                         testing::Combine(testing::Values("rbf", "matern12", "matern32", "matern52",
                                                          "rational_quadratic"),
                                          testing::Values(PriorMean::zero, PriorMean::constant)));

TEST(Posterior, AHistoryOfOnePointRepeatedIsDefined) {
  GradientHistory history(3, 6);
  for (int k = 0; k < 6; ++k) history.append(Vector::Ones(3), Vector::Constant(3, 2.0), 1.0, k);
  for (const PriorMean prior : {PriorMean::zero, PriorMean::constant}) {
    const auto model = GaussianProcess(std::make_shared<Matern52>(), prior, {}).fit(history);
    Vector mean(3);
    const double variance = model->predict(Vector::Ones(3), mean);
    EXPECT_LT((mean - Vector::Constant(3, 2.0)).cwiseAbs().maxCoeff(), 1e-5);
    EXPECT_TRUE(std::isfinite(variance));
  }
}

TEST(Posterior, PaperLengthscaleFromZeroIsDefined) {
  GradientHistory history(4, 4);
  for (int k = 0; k < 3; ++k) history.append(Vector::Zero(4), Vector::Constant(4, 1.0 + k), 1.0, k);
  HyperparameterRules rules{LengthscaleRule::paper, 0.0, 1e-3};
  const auto model = GaussianProcess(std::make_shared<Matern52>(), PriorMean::zero, rules).fit(history);
  EXPECT_NEAR(model->lengthscale(), 0.1, 1e-15);
  Vector mean(4);
  model->predict(Vector::Zero(4), mean);
  EXPECT_TRUE(mean.allFinite());
}

TEST(Posterior, NearConvergenceTheLikelihoodStillFindsExactGradients) {
  // A smooth field seen at iterates that agree to 1e-8 relative must not look like noise.
  const Index d = 30;
  GradientHistory history(d, 12);
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  const Vector centre = Vector::Constant(d, 100.0);
  const Vector curvature = Vector::LinSpaced(d, 0.5, 2.0);
  for (int k = 0; k < 12; ++k) {
    Vector step(d);
    for (double& s : step) s = 1e-6 * normal(random);
    history.append(centre + step, curvature.cwiseProduct(step), 0.0, k);
  }
  const auto model = GaussianProcess(std::make_shared<Matern52>(), PriorMean::constant, {}).fit(history);
  EXPECT_LT(model->nugget(), 1e-3);
  EXPECT_EQ(model->noise_energy(), 0.0);
}

TEST(Posterior, NoiseIsRecognisedAndMeasured) {
  const Index d = 2000;
  GradientHistory history(d, 20);
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  for (int k = 0; k < 20; ++k) {
    Vector theta(d), gradient(d);
    for (Index i = 0; i < d; ++i) {
      theta[i] = 0.01 * k;
      gradient[i] = 1.0 + 0.3 * normal(random);
    }
    history.append(theta, gradient, 0.0, k);
  }
  const auto model = GaussianProcess(std::make_shared<Matern52>(), PriorMean::constant, {}).fit(history);
  EXPECT_GE(model->nugget(), 1e-3);
  EXPECT_NEAR(model->noise_energy() / (0.09 * d), 1.0, 0.15);
}

}  // namespace
}  // namespace optex
