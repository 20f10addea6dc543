#include "optex/methods/rule_choice.hpp"

namespace optex {

const char* name_of(ChosenRule rule) {
  switch (rule) {
    case ChosenRule::surrogate:
      return "surrogate";
    case ChosenRule::replay:
      return "replay";
    case ChosenRule::whitened:
      return "whitened";
    case ChosenRule::sequence:
      return "sequence";
  }
  return "unknown";
}

RuleChoice rule_for_exact_gradients(const RunTraits& run) {
  if (run.spreads_history && run.bounded)
    return {ChosenRule::replay,
            "parallel.spread_history is on, and in a box surrogate needs all coordinates on rank 0"};
  if (run.own_estimator)
    return {ChosenRule::replay, "the estimator has settings of its own, and surrogate uses none"};
  if (run.dimension > (run.spreads_history ? most_when_spread : most_for_surrogate))
    return {ChosenRule::replay, run.spreads_history ? "the pairs of surrogate would take more than 100 GB"
                                                    : "the pairs of surrogate would take more than 10 GB"};
  return {ChosenRule::surrogate, std::string(tests_for_noise(run) ? "the gradients are exact"
                                                                  : "the gradients are taken for exact") +
                                     "; it has no learning rate, and a chain of predicted steps among its "
                                     "points gets on where a model of the Hessian does not"};
}

RuleChoice rule_for_noisy_gradients(const RunTraits& run) {
  const char* const noisy = "the gradients are noisy";
  if (run.own_estimator)
    return {ChosenRule::sequence, std::string(noisy) + ", and the estimator has settings of its own"};
  if (run.spreads_history || run.closes_rounds_early)
    return {ChosenRule::sequence, std::string(noisy) + ", and whitened keeps no history"};
  if (!run.plain_adam)
    return {ChosenRule::sequence, std::string(noisy) + ", and whitened has a step like plain Adam's"};
  return {ChosenRule::whitened, noisy};
}

bool tests_for_noise(const RunTraits& run) { return !run.spreads_history && !run.closes_rounds_early; }

}  // namespace optex
