#include "optex/monitor/diagnosis.hpp"

#include <cmath>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr int patience = 10;              // rounds in a row
constexpr double large_error = 0.5;       // of the predicted gradient, relative
constexpr double nugget_of_exact = 1e-3;  // below it gradients are taken for exact
constexpr double nugget_above_signal = 0.1;

}  // namespace

bool Diagnosis::Signature::holds(bool now) {
  rounds = now ? rounds + 1 : 0;
  if (said || rounds < patience) return false;
  said = true;
  return true;
}

/// Every time up to the third, then every tenth.
void Diagnosis::tell_dropped_iterate(const IterationReport& report) {
  if (!report.iterate_dropped) return;
  ++dropped_iterates_;
  if (dropped_iterates_ > 3 && dropped_iterates_ % 10 != 0) return;
  const char* const then = report.update == "best_point"  ? "the best point of the round takes its place"
                           : report.update == "step_back" ? "going on halfway back to the last good one"
                                                          : "the next round draws other mini-batches";
  say_(fmt::format("iterate dropped: {}; {}{}", report.failure, then,
                   dropped_iterates_ > 1 ? fmt::format(" ({} so far)", dropped_iterates_) : ""));
}

void Diagnosis::on_iteration(const RunState&, const IterationReport& report) {
  tell_dropped_iterate(report);
  if (std::isnan(first_value_)) first_value_ = report.value;
  if (rising_.holds(report.value > last_value_ && report.value >= first_value_)) {
    say_(
        fmt::format("diverging: the value has risen for {} rounds, to {:.4g}; try a smaller "
                    "optimizer.learning_rate",
                    patience, report.value));
  }
  last_value_ = report.value;

  if (losing_.holds(report.dropped_points > 0)) {
    say_(fmt::format(
        "points lost: some points of the last {} rounds failed or were not finite and were dropped{}; "
        "try a smaller optimizer.learning_rate or method.reach",
        patience, report.failure.empty() ? "" : fmt::format(" (the last: {})", report.failure)));
  }
  const bool misses =
      report.prediction_error.size() > 1 && report.prediction_error[1] > large_error && report.accepted <= 1;
  if (misfit_.holds(misses && report.nugget < nugget_of_exact)) {
    say_(fmt::format(
        "poor predictions: the first predicted gradient was wrong by {:.0f} %, as in the {} rounds "
        "before; try a smaller optimizer.learning_rate, a rougher estimator.kernel (matern32) or "
        "estimator.lengthscale = \"ml\"",
        100.0 * report.prediction_error[1], patience - 1));
  }
  if (noise_.holds(report.nugget >= nugget_above_signal)) {
    say_(
        fmt::format("noise above the signal: the likelihood's nugget is {:.2g}, as in the {} rounds before; "
                    "predictions are worth little here: take method.name = \"whitened\", larger mini-batches "
                    "(data.batch) or method.batches_per_point",
                    report.nugget, patience - 1));
  }
}

}  // namespace optex
