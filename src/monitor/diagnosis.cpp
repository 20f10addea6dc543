#include "optex/monitor/diagnosis.hpp"

#include <cmath>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr int patience = 10;              // rounds in a row
constexpr double large_error = 0.5;       // of the predicted gradient, relative
constexpr double nugget_of_exact = 1e-3;  // below it gradients are taken for exact
constexpr double nugget_above_signal = 0.1;
constexpr int long_patience = 50;    // without a smaller value; the ladder of rule surrogate: `patience`
constexpr double small_norm = 1e-6;  // of the gradient, over the first one

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

void Diagnosis::tell_lost_points(const IterationReport& report) {
  const std::int64_t points = report.evaluations - evaluations_;
  evaluations_ = report.evaluations;
  const std::string last = report.failure.empty() ? "" : fmt::format(" (the last: {})", report.failure);
  const bool nearly_all = report.dropped_points >= 2 && report.dropped_points >= points - 1;
  if (failing_.holds(nearly_all)) {
    say_(fmt::format(
        "all probes fail: in the last {} rounds hardly a point but the first could be evaluated{}; keep "
        "them where F has a value (problem.lower, problem.upper), or look at the objective",
        patience, last));
    losing_.said = true;
  }
  // Not while it may still turn out to be all of them.
  if (failing_.rounds > 0 && !failing_.said)
    ++losing_.rounds;
  else if (losing_.holds(report.dropped_points > 0)) {
    say_(fmt::format(
        "points lost: some points of the last {} rounds failed or were not finite and were dropped{}; "
        "try a smaller optimizer.learning_rate or method.reach",
        patience, last));
  }
}

/// Once a run, whichever it is.
void Diagnosis::tell_standstill(const IterationReport& report) {
  if (std::isnan(first_norm_)) first_norm_ = report.gradient_norm;
  idle_rounds_ = report.best_value < best_value_ ? 0 : idle_rounds_ + 1;
  best_value_ = std::fmin(best_value_, report.best_value);
  const bool ladder = report.update == "surrogate";
  const bool explained = disagreement_said_ || failing_.said || rising_.said;
  if (gradients_ != Gradients::exact || standstill_said_ || explained || !std::isfinite(best_value_) ||
      idle_rounds_ < (ladder ? patience : long_patience))
    return;
  standstill_said_ = true;
  const std::string since =
      fmt::format("no smaller value than {:.10g} for {} rounds", best_value_, idle_rounds_);
  const double share = report.gradient_norm / first_norm_;
  if (report.gradient_norm <= small_norm * first_norm_)
    say_(fmt::format(
        "noise floor: {}, and the gradient is {:.1e} of the first: F is as small as its precision allows; "
        "stop.patience = {} would have ended here",
        since, share, idle_rounds_));
  else if (ladder)
    say_(
        fmt::format("stalled: {}, however short the step, though the gradient is {:.1e} of the first: F has "
                    "a kink here, or the gradient is wrong: optex gradcheck CONFIG --at RUN",
                    since, share));
  else
    say_(
        fmt::format("stalled: {}, though the gradient is {:.1e} of the first; try a smaller "
                    "optimizer.learning_rate, one that falls (optimizer.schedule), or method.update = "
                    "\"surrogate\"; if nothing helps, the gradient is wrong: optex gradcheck CONFIG --at RUN",
                    since, share));
}

void Diagnosis::tell_disagreement(const RunState& run) {
  const ValueAgreement& values = run.progress.values;
  if (gradients_ != Gradients::exact || run.regime == "noisy" || disagreement_said_) return;
  if (!values.contradicts() && !values.is_biased()) return;
  disagreement_said_ = true;
  say_(values.words());
}

void Diagnosis::on_iteration(const RunState& run, const IterationReport& report) {
  tell_dropped_iterate(report);
  if (std::isnan(first_value_)) first_value_ = report.value;
  if (rising_.holds(report.value > last_value_ && report.value >= first_value_)) {
    say_(fmt::format(
        "diverging: the value has risen for {} rounds, to {:.4g}; try a smaller optimizer.learning_rate; if "
        "it rises with any, the gradient is wrong: optex gradcheck CONFIG",
        patience, report.value));
  }
  last_value_ = report.value;

  tell_lost_points(report);
  tell_disagreement(run);
  tell_standstill(report);
  const bool misses =
      report.prediction_error.size() > 1 && report.prediction_error[1] > large_error && report.accepted <= 1;
  if (misfit_.holds(misses && report.nugget < nugget_of_exact)) {
    say_(fmt::format(
        "poor predictions: the first predicted gradient was wrong by {:.0f} %, as in the {} rounds "
        "before; try a smaller optimizer.learning_rate, a rougher estimator.kernel (matern32) or "
        "estimator.lengthscale = \"ml\"",
        100.0 * report.prediction_error[1], patience - 1));
  }
  if (gradients_ != Gradients::of_a_moving_f && noise_.holds(report.nugget >= nugget_above_signal)) {
    say_(
        fmt::format("noise above the signal: the likelihood's nugget is {:.2g}, as in the {} rounds before; "
                    "predictions are worth little here: take method.name = \"whitened\", larger mini-batches "
                    "(data.batch) or method.batches_per_point",
                    report.nugget, patience - 1));
  }
}

}  // namespace optex
