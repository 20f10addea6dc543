#pragma once

#include "optex/core/types.hpp"

#include <string>

namespace optex {

/// What is known of a run when its update rule is to be chosen.
struct RunTraits {
  Index dimension = 0;               ///< d; 0: not known yet
  bool own_estimator = false;        ///< other settings than the defaults were asked for
  bool plain_adam = true;            ///< the optimizer is Adam at a constant rate, without weight decay
  bool spreads_history = false;      ///< parallel.spread_history
  bool bounded = false;              ///< problem.lower, problem.upper
  bool closes_rounds_early = false;  ///< failure.quorum < 1
};

/// An update rule that is chosen rather than asked for.
enum class ChosenRule { surrogate, replay, whitened, sequence };

const char* name_of(ChosenRule rule);

struct RuleChoice {
  ChosenRule rule;
  std::string why;  ///< "the gradients are exact"
};

/// The one place where rules are chosen, for the library and for the program. For exact gradients: surrogate,
/// or replay where that cannot go. For noisy ones: whitened, or sequence.
RuleChoice rule_for_exact_gradients(const RunTraits& run);
RuleChoice rule_for_noisy_gradients(const RunTraits& run);

/// Whether the first round finds out if gradients that nobody declared noisy are: only where the rule may
/// still change then.
bool tests_for_noise(const RunTraits& run);

/// From this many coordinates on the surrogate's rows, some 300 at least, take more than 10 GB: as much as
/// one rank is taken to have. Ranks that share them have as much each.
inline constexpr Index most_for_surrogate = 4'000'000, most_when_spread = 10 * most_for_surrogate;

}  // namespace optex
