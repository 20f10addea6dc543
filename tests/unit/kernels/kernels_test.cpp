#include "optex/kernels/matern.hpp"
#include "optex/kernels/rational_quadratic.hpp"
#include "optex/kernels/rbf.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

std::vector<std::shared_ptr<const Kernel>> kernels() {
  return {std::make_shared<Rbf>(), std::make_shared<Matern12>(), std::make_shared<Matern32>(),
          std::make_shared<Matern52>(), std::make_shared<RationalQuadratic>()};
}

TEST(Kernels, AreOneAtZeroAndFallMonotonically) {
  for (const auto& kernel : kernels()) {
    EXPECT_EQ((*kernel)(0.0), 1.0);
    EXPECT_EQ((*kernel)(-1e-17), 1.0) << "round-off below zero counts as zero";
    double previous = 1.0;
    for (double q = 0.1; q < 50.0; q *= 1.5) {
      const double value = (*kernel)(q);
      EXPECT_LT(value, previous);
      EXPECT_GT(value, 0.0);
      previous = value;
    }
  }
}

TEST(Kernels, MatchTheirFormulas) {
  const double r = 1.3;
  const double q = r * r;
  EXPECT_NEAR(Rbf()(q), std::exp(-0.845), 1e-15);
  EXPECT_NEAR(Matern12()(q), std::exp(-1.3), 1e-15);
  EXPECT_NEAR(Matern32()(q), (1 + std::sqrt(3) * r) * std::exp(-std::sqrt(3) * r), 1e-15);
  EXPECT_NEAR(Matern52()(q), (1 + std::sqrt(5) * r + 5 * q / 3) * std::exp(-std::sqrt(5) * r), 1e-15);
  EXPECT_NEAR(RationalQuadratic()(q), 1 / 1.845, 1e-15);
}

}  // namespace
}  // namespace optex
