#include "optex/methods/automatic.hpp"

#include <utility>

namespace optex {
namespace {

constexpr const char* exact_regime = "exact";
constexpr const char* noisy_regime = "noisy";

}  // namespace

Automatic::Automatic(Evaluator& evaluator, const Candidate& first, const std::optional<Candidate>& if_noisy)
    : evaluator_(evaluator), first_{first.build(evaluator_), first.word} {
  if (if_noisy) if_noisy_ = {if_noisy->build(evaluator_), if_noisy->word};
}

RunState Automatic::initial_state(ConstVectorRef theta) const { return first_.method->initial_state(theta); }

IterationReport Automatic::iterate(RunState& run) {
  // Later than in the first round (a run that was spread before, or closed rounds early) nothing is begun
  // anew.
  const bool open = run.regime.empty() && run.iteration == 0 && if_noisy_.method != nullptr;
  IterationReport report = open ? decide(run) : chosen(run).method->iterate(run);
  report.choice = chosen(run).word;
  return report;
}

const Automatic::Built& Automatic::chosen(const RunState& run) const {
  return run.regime == noisy_regime && if_noisy_.method != nullptr ? if_noisy_ : first_;
}

bool Automatic::theta_is_free(const RunState& run) const { return chosen(run).method->theta_is_free(run); }

bool Automatic::stands_at_best(const RunState& run) const { return chosen(run).method->stands_at_best(run); }

std::optional<Ending> Automatic::finished(const RunState& run) const {
  return chosen(run).method->finished(run);
}

IterationReport Automatic::decide(RunState& run) {
  Vector start = run.theta;
  evaluator_.repeat_next_round();
  IterationReport report = first_.method->iterate(run);
  report.evaluations = ++run.evaluations;
  if (!evaluator_.gradients_differ().value_or(false)) {
    run.regime = exact_regime;
    return report;
  }
  RunState anew = if_noisy_.method->initial_state(start);
  anew.iteration = run.iteration;
  anew.evaluations = run.evaluations;
  anew.seconds = run.seconds;
  anew.best.value = run.best.value;
  anew.progress.idle_rounds = run.progress.idle_rounds;
  anew.objective_state = std::move(run.objective_state);
  anew.regime = noisy_regime;
  run = std::move(anew);
  report.accepted = 0;
  report.update = "test for noise";
  return report;
}

}  // namespace optex
