#pragma once

#include "optex/estimation/gradient_history.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace optex::test {

inline Vector ripple(Index d, double phase) {
  Vector v(d);
  for (Index i = 0; i < d; ++i) v[i] = std::sin(0.37 * static_cast<double>(i) + phase);
  return v;
}

inline void expect_same_bits(const GradientHistory& a, const GradientHistory& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(a.origin(), b.origin());
  EXPECT_EQ(a.squared_distances(), b.squared_distances());
  EXPECT_EQ(a.squared_gradient_distances(), b.squared_gradient_distances());
  EXPECT_EQ(a.cross_products_about_newest(), b.cross_products_about_newest());
  EXPECT_EQ(a.squared_theta_norms(), b.squared_theta_norms());
  EXPECT_EQ(a.squared_gradient_norms(), b.squared_gradient_norms());
  for (Index i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a.stored_theta(i), b.stored_theta(i));
    EXPECT_EQ(a.gradient(i), b.gradient(i));
    EXPECT_EQ(a.value(i), b.value(i));
    EXPECT_EQ(a.iteration(i), b.iteration(i));
  }
}

}  // namespace optex::test
