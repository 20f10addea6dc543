#pragma once

#include "optex/estimation/estimator.hpp"

#include <memory>

namespace optex {

/// Predicts the same gradient everywhere: the mean of the newest entries. No kernel, no fit: what is left
/// when gradients are so noisy that where they were taken matters less than how many are averaged.
class RecentMean final : public Estimator {
 public:
  /// window >= 1: how many of the newest entries are averaged.
  explicit RecentMean(Index window) : window_(window) {}

  bool is_ready(const GradientHistory& history) const override { return history.size() >= 1; }
  std::unique_ptr<GradientModel> fit(const GradientHistory& history) const override;

 private:
  Index window_;
};

}  // namespace optex
