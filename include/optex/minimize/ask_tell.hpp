#pragma once

#include "optex/core/coroutine.hpp"
#include "optex/driver/driver.hpp"
#include "optex/minimize/options.hpp"
#include "optex/minimize/told_evaluator.hpp"

#include <memory>
#include <string>
#include <vector>

namespace optex {

/// A minimisation whose caller computes the gradients, wherever and whenever: for codes that own their
/// communicator, their scheduler or their main loop. No MPI, no files; the rounds run on a thread of their
/// own, only while ask() waits for it.
///
///   AskTell run(start, options);
///   while (!run.finished())
///     for (const Question& question : run.ask()) run.tell(question.number, value, gradient);
///
/// Answers may come in any order and some later than others; a round goes on when all of its points are
/// answered. The same numbers as minimize(), bit for bit.
class AskTell {
 public:
  /// theta: d. `noisy` as Objective::is_noisy().
  AskTell(ConstVectorRef theta, const MinimizeOptions& options, bool noisy = false);
  /// With a method and a state of one's own; with `ending` no more rounds are done, for that reason.
  AskTell(const std::function<std::unique_ptr<Method>(Evaluator&)>& method, RunState run, StopRules stop,
          const std::string& ending = {});
  AskTell(const AskTell&) = delete;
  AskTell& operator=(const AskTell&) = delete;

  /// Points without an answer; none when finished. The last question of a run has key.whole: F at the answer.
  std::vector<Question> ask();
  /// Throws UsageError when that point was not asked for, has its answer, or the gradient is not of length d.
  /// A point that was told to have failed may be told anew until its round is over: a run that ended because
  /// its iterate had failed goes on.
  void tell(Index number, double value, ConstVectorRef gradient);
  /// A point that failed is dropped, unless it is the iterate itself: then the run ends with its reason, or
  /// goes back as MinimizeOptions::drops says.
  void tell_failed(Index number, const std::string& reason);

  bool finished() const { return finished_; }
  /// How it ended; complete when finished.
  const Outcome& outcome() const { return outcome_; }
  /// After the last finished round: all that is needed to go on elsewhere.
  const RunState& state() const { return run_; }
  /// The stop rule that was met; empty while rounds go on.
  const std::string& ending() const { return ending_; }
  /// Called after every finished round.
  void on_round(std::function<void(const RunState&, const IterationReport&)> observer) {
    observer_ = std::move(observer);
  }

 private:
  /// Takes up the next round where this one ended.
  class Rewinder final : public Observer {
   public:
    explicit Rewinder(AskTell& run) : run_(run) {}
    void on_iteration(const RunState& run, const IterationReport& report) override;

   private:
    AskTell& run_;
  };

  void accept(Index number, Evaluation answer);
  void advance();
  void note_ending();

  ToldEvaluator evaluator_;
  std::unique_ptr<Method> method_;
  RunState run_;
  Rewinder rewinder_{*this};
  Driver driver_;
  std::function<void(const RunState&, const IterationReport&)> observer_;
  std::string ending_;
  Outcome outcome_;
  bool finished_ = false;
  bool stalled_ = false;               ///< nothing new was told since the last attempt
  std::unique_ptr<Coroutine> rounds_;  ///< the driver in the middle of a round; last: uses the others
};

}  // namespace optex
