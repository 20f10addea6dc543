#include "optex/estimation/recent_mean.hpp"

#include <algorithm>
#include <utility>

namespace optex {
namespace {

class SameEverywhere final : public GradientModel {
 public:
  explicit SameEverywhere(Vector gradient) : gradient_(std::move(gradient)) {}

  double predict(ConstVectorRef, VectorRef mean) const override {
    mean = gradient_;
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  Vector gradient_;
};

}  // namespace

std::unique_ptr<GradientModel> RecentMean::fit(const GradientHistory& history) const {
  const Index n = history.size();
  const Index used = std::min(window_, n);
  Vector weights = Vector::Zero(n);
  weights.tail(used).setConstant(1.0 / static_cast<double>(used));
  Vector mean(history.dimension());
  history.field({weights, false}, mean);
  return std::make_unique<SameEverywhere>(std::move(mean));
}

}  // namespace optex
