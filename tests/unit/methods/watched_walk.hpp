#pragma once

#include "optex/estimation/gradient_model.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace optex::test {

/// The same model without what lies behind it: walks have to go through all coordinates.
class Opaque final : public GradientModel {
 public:
  explicit Opaque(const GradientModel& model) : model_(model) {}
  double predict(ConstVectorRef theta, VectorRef mean) const override { return model_.predict(theta, mean); }
  std::unique_ptr<ModelWalk> walk(VectorRef theta, const Units& units) const override {
    return model_.walk(theta, units);
  }
  double noise_energy() const override { return model_.noise_energy(); }

 private:
  const GradientModel& model_;
};

/// Remembers what it is handed.
class Recorder final : public Evaluator {
 public:
  explicit Recorder(Index dimension) : dimension_(dimension) {}
  Index dimension() const override { return dimension_; }
  void begin(const Opening&) override {}
  void submit(Point point) override {
    EXPECT_EQ(point.key.point, std::ssize(points));
    points.emplace_back(*point.theta);
  }
  Round close(const Closing&) override { return {}; }
  void renew(ConstVectorRef) override {}

  std::vector<Vector> points;

 private:
  Index dimension_;
};

}  // namespace optex::test
