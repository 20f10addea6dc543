#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/gradient_history.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/iteration_report.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/methods/replay.hpp"
#include "optex/methods/run_state.hpp"

#include <cstdint>
#include <vector>

/// Rounds that are closed when a part of their points is there (failure.quorum), as a method sees them.
///
/// A round may submit N points less those that are outstanding, whose workers are busy; one at least. What is
/// not there when it is closed counts for nothing in it: not as a failure, not as a depth that was evaluated.
/// A late answer joins in the round in which it comes.
namespace optex {

/// How many answers close a round of `submitted` points: quorum submitted, rounded up; one at least.
Index answers_to_close(double quorum, Index submitted);

/// How many points the next round may submit.
Index points_this_round(const RunState& run, Index parallelism);

/// What is outstanding, for the opening of the round.
std::vector<Point> still_wanted(const RunState& run, std::uint64_t seed);

/// Closes the round at the quorum: the true evaluations of a chain, one per depth. Depths whose
/// point was not finite count as failed evaluations.
Round close_round(const ProxyChain& chain, const RunState& run, double quorum, Evaluator& evaluator);

/// A point that an earlier round was closed without, and its answer.
struct LatePair {
  Vector theta;
  Evaluation truth;
  std::int64_t iteration;  ///< of the round that submitted it
};

/// Takes what came late off the outstanding points, oldest first, of use or not.
std::vector<LatePair> take_off_outstanding(RunState& run, std::vector<LateAnswer>& late);

/// The same, booked: best value and point, and failures into the report. Returns what can be used, oldest
/// first. To be called before the round's own answers are booked.
std::vector<LatePair> take_late(RunState& run, std::vector<LateAnswer>& late, IterationReport& report);

/// Which of the late pairs enter the history, before the `newcomers` pairs of this round: not those above the
/// ceiling, nor those that would drive out an entry from a later round than their own.
std::vector<NewPair> worth_remembering(const std::vector<LatePair>& late, const GradientHistory& history,
                                       Index newcomers, double ceiling);

/// A point of this round is outstanding.
void add_outstanding(RunState& run, Index point, ConstVectorRef theta);

struct ReplayLimits {
  double ceiling = 0.0;    ///< ReplayInput::ceiling
  double tolerance = 0.5;  ///< ReplayInput::tolerance
  Bounds bounds = {};      ///< without any the newest entries are the usable ones of the chain
};
/// replay() of the run's theta and optimizer over those of the chain's `depths` that have arrived. truth and
/// usable: one per depth, and then whatever else was submitted, which is passed over.
ReplayResult replay_arrived(RunState& run, const std::vector<Index>& depths,
                            const std::vector<Evaluation>& truth, const std::vector<bool>& usable,
                            const GradientModel* model, const Optimizer& optimizer,
                            const ReplayLimits& limits);

}  // namespace optex
