#pragma once

#include "optex/estimation/gradient_history.hpp"
#include "optex/estimation/gradient_model.hpp"

#include <memory>

namespace optex {

/// Turns a history into a model. Immutable: everything that a fit depends on is in the history.
class Estimator {
 public:
  virtual ~Estimator() = default;

  /// True when the history holds enough for a prediction worth following.
  virtual bool is_ready(const GradientHistory& history) const { return history.size() >= 2; }

  /// The model looks into `history` as long as it lives. Requires is_ready(history).
  virtual std::unique_ptr<GradientModel> fit(const GradientHistory& history) const = 0;
};

}  // namespace optex
