#include "optex/estimation/gradient_model.hpp"

#include "optex/core/reductions.hpp"

namespace optex {
namespace {

/// For models that only know how to predict: the whole prediction, then the whole move.
class PlainWalk final : public ModelWalk {
 public:
  PlainWalk(const GradientModel& model, VectorRef theta, const Units& units)
      : model_(model), theta_(theta), units_(units), mean_(theta.size()) {}

  double variance() override {
    look();
    return variance_;
  }
  void predict(VectorRef mean) override {
    look();
    mean = mean_;
  }
  bool advance(const BlockMove& move, const StepRecord& record, bool) override {
    look();
    if (record.field != nullptr) Eigen::Map<Vector>(record.field, mean_.size()) = mean_;
    advance_along(mean_, move);
    if (record.point != nullptr) Eigen::Map<Vector>(record.point, theta_.size()) = theta_;
    return all_finite(theta_);
  }
  void advance_along(VectorRef given, const BlockMove& move) override {
    move(0, theta_, given);
    looked_ = false;
  }

 private:
  void look() {
    if (looked_) return;
    variance_ = model_.predict(units_.position(theta_), mean_);
    units_.gradient_to_theta(mean_);
    looked_ = true;
  }

  const GradientModel& model_;
  VectorRef theta_;
  Units units_;
  Vector mean_;  // d, in the caller's units
  double variance_ = 0.0;
  bool looked_ = false;
};

}  // namespace

std::unique_ptr<ModelWalk> GradientModel::walk(VectorRef theta, const Units& units) const {
  return std::make_unique<PlainWalk>(*this, theta, units);
}

}  // namespace optex
