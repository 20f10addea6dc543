#pragma once

#include "optex/distributed/coordinator.hpp"
#include "optex/evaluation/interrupted_round.hpp"

#include <chrono>

// What the parts of the coordinator share.
namespace optex {

/// Thrown by look_up(). A round that is being collected takes what there is; anywhere else there is nothing.
struct BreakOff : RoundInterrupted {
  BreakOff() : RoundInterrupted({}) {}
};

/// How long answers that are on their way may take when a round is broken off: a launcher may kill a second
/// after it has said TERM.
inline constexpr std::chrono::milliseconds last_answers{400}, one_answer{300};

/// Runs a step that talks to other ranks; what is left of the conversation when it throws cannot be sorted
/// out.
template <class Step>
void Coordinator::or_give_up(Step step) {
  try {
    step();
  } catch (...) {
    broken_ = true;
    communicator_.distrust();
    throw;
  }
}

/// Runs a step in which a rank may turn out to be lost; false when one was, and the run goes on without it.
template <class Step>
bool Coordinator::tell(Step step) {
  try {
    step();
    return true;
  } catch (const SilentRankError& error) {
    lose(error);
    return false;
  }
}

}  // namespace optex
