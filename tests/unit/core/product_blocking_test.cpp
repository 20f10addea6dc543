#include "optex/core/product_blocking.hpp"

#include <Eigen/Core>
#include <gtest/gtest.h>

namespace optex {
namespace {

// Whatever this machine's caches are, and whatever was set before.
TEST(ProductBlocking, DoesNotDependOnTheMachine) {
  Eigen::setCpuCacheSizes(48 * 1024, 2048 * 1024, 105 * 1024 * 1024);
  fix_product_blocking();
  EXPECT_EQ(Eigen::l1CacheSize(), 32 * 1024);
  EXPECT_EQ(Eigen::l2CacheSize(), 512 * 1024);
  EXPECT_EQ(Eigen::l3CacheSize(), 4096 * 1024);
}

}  // namespace
}  // namespace optex
