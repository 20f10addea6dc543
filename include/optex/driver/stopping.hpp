#pragma once

#include "optex/methods/run_state.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace optex {

/// When a run is over. A rule that is not set never fires.
struct StopRules {
  static constexpr double default_gradient_tolerance = 1e-8;  ///< of runs with exact gradients

  std::optional<std::int64_t> iterations = std::nullopt;   ///< rounds in all
  std::optional<std::int64_t> evaluations = std::nullopt;  ///< gradients in all
  std::optional<double> seconds = std::nullopt;            ///< wall time in all, over restarts
  std::optional<double> value = std::nullopt;              ///< the best value seen is at most this
  std::optional<double> gradient_norm = std::nullopt;      ///< |grad F|, projected, is at most this
  /// |grad F|, projected, is at most this times the first one; not for gradients that turned out to be noisy
  std::optional<double> gradient_tolerance = std::nullopt;
  /// F stays the same, up to this much of its size, for so many rounds after the first of them; not for
  /// gradients that turned out to be noisy
  std::optional<double> precision = std::nullopt;
  static constexpr double default_precision = 1e-14;  ///< of runs with exact gradients: round-off of a sum
  static constexpr std::int64_t still_rounds = 5;
  std::optional<std::int64_t> patience = std::nullopt;  ///< rounds without a new best value
  bool iterations_by_default = false;  ///< nobody chose how many: a run that they end may not be done
  /// What the optimiser adds to the size of a gradient before it divides by it: beside it smaller ones are
  /// lost, which a run that only its limits ended is told. 0: nothing, or not known.
  double epsilon = 0.0;
  bool has_all_limits = false;   ///< every coordinate has two: F cannot fall without bound
  double value_tolerance = 0.0;  ///< how much lower, relative to |F|, a value must be to count as new
};

/// The first rule that the state meets, as words for status.json ("iterations", "value", ...); nothing when
/// the run goes on. Follows from the state alone: a run that has ended and is taken up again does no more.
std::optional<std::string> met_rule(const StopRules& rules, const RunState& run);

/// Why a run that would end as a success is none: no rule and no method knows that the gradient is wrong, the
/// values do. Nothing when they do not say so.
std::optional<std::string> met_contradiction(const RunState& run, const std::string& ending);
inline constexpr const char* disagreement = "disagreement";  ///< the reason of such an end

/// Why a run whose line search has given up has not come to a minimum: the gradient is nearly as long as at
/// the start, and the last value that the search saw is far above. Nothing where that is not so.
std::optional<std::string> met_dead_end(const RunState& run, const std::string& ending);
inline constexpr const char* no_descent = "no_descent";  ///< the reason of such an end

/// Why a run whose F is beyond any minimum that a model has, -1e100 for an F or a gradient of 1 at the start,
/// goes on in vain and is no success whatever ends it, unless a value was asked for; -1e15 where it has come
/// to rest with a gradient as long as at the start (a pole). `ending`: empty while it goes on.
std::optional<std::string> met_fall(const RunState& run, const std::string& ending);
inline constexpr const char* unbounded = "unbounded";  ///< the reason of such an end

/// That rule as a line for people: "stop.precision is met: F no longer changes beyond round-off". Another
/// reason why a run has ended is its own words.
std::string words_of_rule(const std::string& rule);

}  // namespace optex
