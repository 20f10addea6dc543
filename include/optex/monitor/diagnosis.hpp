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
/// * noise above the signal: in ten rounds in a row the likelihood asked for a nugget of 0.1 or more.
///
/// Iterates that could not be evaluated and were dropped (failure.evaluation = "drop") are told with their
/// cause, the first three and every tenth.
class Diagnosis : public Observer {
 public:
  /// `say` takes each line.
  explicit Diagnosis(std::function<void(const std::string&)> say) : say_(std::move(say)) {}

  void on_iteration(const RunState& run, const IterationReport& report) override;

 private:
  /// Says the line of one signature when it has held for so many rounds in a row.
  struct Signature {
    int rounds = 0;
    bool said = false;
    bool holds(bool now);
  };

  void tell_dropped_iterate(const IterationReport& report);

  std::function<void(const std::string&)> say_;
  std::int64_t dropped_iterates_ = 0;
  double first_value_ = std::numeric_limits<double>::quiet_NaN();
  double last_value_ = std::numeric_limits<double>::quiet_NaN();
  Signature rising_, losing_, misfit_, noise_;
};

}  // namespace optex
