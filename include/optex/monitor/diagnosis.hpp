#pragma once

#include "optex/driver/observer.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace optex {

/// Recognises how runs go wrong while they do, and names the remedy: one line for each signature, once.
///
/// * diverging: F at the iterate is not below where this program began to look and has risen ten rounds in a
///   row;
/// * points lost: in ten rounds in a row speculative points failed or were not finite;
/// * poor model: in ten rounds in a row the first predicted gradient was wrong by more than half of it and
///   nothing beyond the true step was accepted, although the gradients look exact: the kernel or its
///   lengthscale does not fit;
/// * all probes fail: in ten rounds in a row every point of the round but one at most failed;
/// * stalled (exact gradients only): fifty rounds without a smaller value, and the gradient is not small;
/// with rule
///   surrogate, which tries a ladder of steps down to tiny ones, ten rounds of that mean that gradient and
///   values disagree;
/// * noise floor (exact gradients only): the same, but the gradient has fallen to a millionth of the first;
/// * noise above the signal: in ten rounds in a row the likelihood asked for a nugget of 0.1 or more.
///
/// Iterates that could not be evaluated and were dropped (failure.evaluation = "drop") are told with their
/// cause, the first three and every tenth.
class Diagnosis : public Observer {
 public:
  /// `say` takes each line. exact: neither are gradients drawn, nor does F move.
  explicit Diagnosis(std::function<void(const std::string&)> say, bool exact = true)
      : say_(std::move(say)), exact_(exact) {}

  void on_iteration(const RunState& run, const IterationReport& report) override;

 private:
  /// Says the line of one signature when it has held for so many rounds in a row.
  struct Signature {
    int rounds = 0;
    bool said = false;
    bool holds(bool now);
  };

  void tell_dropped_iterate(const IterationReport& report);
  void tell_lost_points(const IterationReport& report);
  void tell_standstill(const IterationReport& report);

  std::function<void(const std::string&)> say_;
  bool exact_;
  std::int64_t dropped_iterates_ = 0;
  std::int64_t evaluations_ = 0;  ///< up to the round before
  int idle_rounds_ = 0;           ///< without a smaller value
  double best_value_ = std::numeric_limits<double>::infinity();
  double first_norm_ = std::numeric_limits<double>::quiet_NaN();
  bool standstill_said_ = false;
  double first_value_ = std::numeric_limits<double>::quiet_NaN();
  double last_value_ = std::numeric_limits<double>::quiet_NaN();
  Signature rising_, losing_, failing_, misfit_, noise_;
};

}  // namespace optex
