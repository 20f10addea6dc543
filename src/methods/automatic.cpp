#include "optex/methods/automatic.hpp"

#include <utility>

namespace optex {
namespace {

constexpr const char* exact_regime = "exact";
constexpr const char* noisy_regime = "noisy";

}  // namespace

Automatic::Automatic(Evaluator& evaluator, const Builder& for_exact, const Builder& for_noisy)
    : evaluator_(evaluator), for_exact_(for_exact(evaluator_)), for_noisy_(for_noisy(evaluator_)) {}

RunState Automatic::initial_state(ConstVectorRef theta) const { return for_exact_->initial_state(theta); }

IterationReport Automatic::iterate(RunState& run) {
  if (run.regime == exact_regime) return for_exact_->iterate(run);
  if (run.regime == noisy_regime) return for_noisy_->iterate(run);
  return decide(run);
}

const Method& Automatic::chosen(const RunState& run) const {
  return run.regime == noisy_regime ? *for_noisy_ : *for_exact_;
}

bool Automatic::theta_is_free(const RunState& run) const { return chosen(run).theta_is_free(run); }

bool Automatic::stands_at_best(const RunState& run) const { return chosen(run).stands_at_best(run); }

IterationReport Automatic::decide(RunState& run) {
  Vector start = run.theta;
  evaluator_.repeat_next_round();
  IterationReport report = for_exact_->iterate(run);
  report.evaluations = ++run.evaluations;
  if (!evaluator_.gradients_differ().value_or(false)) {
    run.regime = exact_regime;
    return report;
  }
  RunState anew = for_noisy_->initial_state(start);
  anew.iteration = run.iteration;
  anew.evaluations = run.evaluations;
  anew.seconds = run.seconds;
  anew.best_value = run.best_value;
  anew.rounds_without_progress = run.rounds_without_progress;
  anew.regime = noisy_regime;
  run = std::move(anew);
  report.accepted = 0;
  report.update = "test for noise";
  return report;
}

}  // namespace optex
