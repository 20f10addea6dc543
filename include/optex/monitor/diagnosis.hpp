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
/// * gradient and values disagree (exact gradients only; value_agreement.hpp): along short steps F changes
///   otherwise than the gradients say;
/// * stalled (exact gradients only): fifty rounds without a smaller value, and the gradient is not small;
///   with rule surrogate, which tries a ladder of steps down to tiny ones, ten rounds;
/// * noise floor (exact gradients only): the same, but the gradient has fallen to a millionth of the first;
/// * noise above the signal: in ten rounds in a row the likelihood asked for a nugget of 0.1 or more; not
///   where F moves, which is no noise.
///
/// Iterates that could not be evaluated and were dropped (failure.evaluation = "drop") are told with their
/// cause, the first three and every tenth.
class Diagnosis : public Observer {
 public:
  enum class Gradients { exact, drawn, of_a_moving_f };

  /// `say` takes each line.
  explicit Diagnosis(std::function<void(const std::string&)> say, Gradients gradients = Gradients::exact)
      : say_(std::move(say)), gradients_(gradients) {}

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
  void tell_disagreement(const RunState& run);

  std::function<void(const std::string&)> say_;
  Gradients gradients_;
  std::int64_t dropped_iterates_ = 0;
  std::int64_t evaluations_ = 0;  ///< up to the round before
  int idle_rounds_ = 0;           ///< without a smaller value
  double best_value_ = std::numeric_limits<double>::infinity();
  double first_norm_ = std::numeric_limits<double>::quiet_NaN();
  bool standstill_said_ = false, disagreement_said_ = false;
  double first_value_ = std::numeric_limits<double>::quiet_NaN();
  double last_value_ = std::numeric_limits<double>::quiet_NaN();
  Signature rising_, losing_, failing_, misfit_, noise_;
};

}  // namespace optex
