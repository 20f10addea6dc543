#include "conductor.hpp"

#include "optex/checkpoint/unfinished_round.hpp"
#include "optex/core/errors.hpp"
#include "optex/evaluation/arrivals.hpp"
#include "optex/evaluation/awaiting_evaluator.hpp"
#include "optex/external/inside_plugin.hpp"
#include "optex/monitor/arithmetic.hpp"
#include "optex/setup/contents.hpp"

#include <algorithm>
#include <utility>

#include "replayed_arrivals.hpp"
#include "spread_state.hpp"
#include "stored_config.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

ConsoleOptions console_options(const Config& config, bool quiet) {
  ConsoleOptions options;
  const std::string& level = config.text("log.level");
  options.level = level == "error"     ? LogLevel::error
                  : level == "warning" ? LogLevel::warning
                  : level == "debug"   ? LogLevel::debug
                                       : LogLevel::info;
  options.format = config.text("log.format") == "json" ? LogFormat::json : LogFormat::text;
  if (quiet) {
    options.level = std::min(options.level, LogLevel::warning);
    options.summary = false;
  }
  options.every = config.integer("log.every");
  options.rules = assemble_stop_rules(config);
  options.folder = run_folder(config);
  return options;
}

/// The method on this rank alone, or on all ranks that hold a slice of its state.
class ChosenMethod {
 public:
  ChosenMethod(const Config& config, const Objective& objective, CoordinateSlices* slices,
               Evaluator& evaluator) {
    if (slices != nullptr)
      spread_.emplace(config, *slices, evaluator);
    else
      alone_ = assemble_method(config, evaluator, known_hessian_of(objective));
  }
  Method& method() { return spread_ ? spread_->method() : *alone_; }
  SpreadMethod* spread() { return spread_ ? &*spread_ : nullptr; }

 private:
  std::optional<SpreadMethod> spread_;
  std::unique_ptr<Method> alone_;
};

}  // namespace

Conductor::Conductor(const Experiment& experiment, const GivenConfig& given, const Problem& problem,
                     Ranks& ranks, RunStart start, const std::vector<std::string>& arithmetic)
    : config_(given.config),
      problem_(problem),
      ranks_(ranks),
      folder_(run_folder(config_), experiment.if_exists),
      dead_elsewhere_(folder_.opened()),
      console_(console_options(config_, experiment.quiet)),
      events_(folder_.events_file(), problem.objective->dimension()),
      start_(std::move(start)) {
  if (experiment.accept_library && !problem_.library_hash.empty()) accepted_.push_back("problem.library");
  for (const std::string& note : config_.notes()) warn(note);
  for (const std::string& warning : folder_.warnings()) warn(warning);
  if (const auto uneven = uneven_arithmetic(arithmetic, ranks.hosts())) warn(*uneven);
  if (experiment.if_exists == IfExists::resume) find_checkpoint(arithmetic.front());
  if (!found_)
    for (const std::string& note : start_.notes) warn(note);
  if (!found_ && start_.failure) std::rethrow_exception(start_.failure);
  // Only now, when nothing can refuse the run any more, is anything of an earlier one overwritten.
  folder_.write_config(given.text, resolved_text(given));
  record_provenance(folder_, config_, problem_, ranks_, experiment.command_line, accepted_);
  for (const std::string& key : accepted_)
    warn(fmt::format("{}: accepted as it is, its content was not compared with that of the run", key));
  if (experiment.replay) events_.record_replay(experiment.replay->string());
}

void Conductor::find_checkpoint(const std::string& arithmetic) {
  const CheckpointFolder checkpoints(folder_.checkpoints());
  found_ = ranks_.slices() == nullptr ? checkpoints.load_newest(expectation())
                                      : checkpoints.find_newest(expectation());
  if (!found_) {
    if (folder_.existed()) warn("there is no checkpoint: the run starts from the beginning");
    return;
  }
  for (const std::string& warning : found_->warnings) {
    console_.message(LogLevel::warning, warning);
    events_.record("fall-back", warning);
  }
  console_.message(LogLevel::info, fmt::format("resuming after round {} from {}",
                                               found_->checkpoint.state.iteration, found_->file.string()));
  if (const auto other = other_arithmetic_before(folder_.provenance_file(), arithmetic)) warn(*other);
  check_outstanding(config_, found_->checkpoint.state);
}

int Conductor::run(Evaluator& evaluator) {
  LookersOn lookers_on({config_, problem_, ranks_, folder_, console_, events_, start_.theta,
                        found_ ? &*found_ : nullptr, [this](const std::string& text) { warn(text); },
                        [this] { return expectation(); }});
  RememberingEvaluator remembering(evaluator, finished_points());
  LastResort last_resort;
  std::optional<ArrivalReplay> replay;
  if (start_.replay) replay.emplace(remembering, start_.replay->rounds);
  ArrivalRecorder recorder(replay ? static_cast<Evaluator&>(*replay) : remembering,
                           [this](const Arrivals& arrivals) { events_.record(arrivals); });
  // A checkpoint is written while the next round's points are evaluated.
  AwaitingEvaluator awaiting(
      recorder, [&lookers_on] { lookers_on.checkpoints().finish(); },
      [&last_resort](bool waits) { last_resort.set_waiting(waits); });
  ChosenMethod chosen(config_, *problem_.objective, ranks_.slices(), awaiting);
  Method& method = chosen.method();
  SpreadMethod* const spread = chosen.spread();
  RunState state = !found_  ? method.initial_state(start_.theta)
                   : spread ? spread->restore(*found_, expectation())
                            : std::move(found_->checkpoint.state);
  if (!found_) state.objective_state = problem_.objective->initial_state();
  found_.reset();

  DriverOptions options = driving(lookers_on);
  if (spread) options.rounds.whole = [&](const Vector& member) { return spread->whole(state, member); };
  Driver driver(method, awaiting, std::move(options));
  const LastWordsOfPlugins words(
      [&](const std::string& text) { fail_early(lookers_on, state, ExitCode::evaluation_failed, text); });
  last_resort.when_stuck(config_.real("failure.stall_seconds"), [&](double seconds) {
    fail_early(lookers_on, state, ExitCode::stall,
               fmt::format("{}: the plug-in has not come back for {:.0f} s (failure.stall_seconds); the "
                           "checkpoint of the last round stands",
                           config_.text("problem.library"), seconds));
    ranks_.end_all(static_cast<int>(ExitCode::stall));
  });
  last_resort.when_told_to_end([&] { foretell_end(lookers_on); });
  // The other ranks' slices cannot be had while they compute: then the last checkpoint has to do.
  last_resort.watch(spread ? std::function<void()>() : [&] { save_early(lookers_on, state); });
  const Outcome outcome = driver.run(state);
  last_resort.rest();
  return conclude(state, outcome, remembering);
}

DriverOptions Conductor::driving(LookersOn& lookers_on) {
  DriverOptions options;
  options.rounds.rules = rules();
  options.rounds.advance = [this](ConstVectorRef theta, Vector& objective_state) {
    problem_.objective->advance(theta, objective_state);
  };
  options.observers = lookers_on.all();
  options.interruption = [this, clock = RoundClock()]() mutable {
    const Interruption wanted = ranks_.interruption();
    const bool in_time = clock.next_round_ends_in_time();
    return wanted == Interruption::none && !in_time ? Interruption::out_of_time : wanted;
  };
  options.assess = [this](ConstVectorRef theta) { return problem_.objective->assess(theta); };
  options.quality_every = config_.integer("log.quality_every");
  options.cause = [this] { return why_signalled(); };
  return options;
}

/// A run whose arrivals are replayed ends with them, whatever the clock says.
StopRules Conductor::rules() const {
  StopRules rules = assemble_stop_rules(config_);
  if (start_.replay) {
    const std::int64_t logged = start_.replay->rounds.rbegin()->first + 1;
    rules.iterations = std::min(rules.iterations.value_or(logged), logged);
    rules.seconds.reset();
  }
  return rules;
}

void Conductor::fail_early(LookersOn& lookers_on, const RunState& state, ExitCode code,
                           const std::string& message) {
  Outcome early;
  early.code = code;
  early.reason = "error";
  early.message = message;
  lookers_on.end_early(state, early);
  keep_rank_error(folder_.opened(), 0, message);
}

/// A signal came while rank 0 itself computes.
void Conductor::save_early(LookersOn& lookers_on, const RunState& state) {
  Outcome early;
  early.code = ExitCode::requeue;
  early.reason = "signal";
  early.message = fmt::format(
      "stopped by a signal within round {}, while rank 0 computed; the state before that round is saved, "
      "`optex resume` goes on from there",
      state.iteration + 1);
  if (const auto dead = why_signalled()) blame(early, *dead);
  try {
    lookers_on.checkpoints().on_checkpoint(state);
  } catch (const Error& failure) {
    early.code = failure.code();
    early.reason = "error";
    early.message = failure.what();
  }
  lookers_on.end_early(state, early);
  ranks_.end_all(static_cast<int>(early.code));
}

/// When a rank of another host dies, MPI may keep this one, with a line for the launcher, until that kills
/// it.
void Conductor::foretell_end(LookersOn& lookers_on) const {
  Outcome early;
  early.code = ExitCode::requeue;
  early.reason = "signal";
  early.message =
      "told to end by a signal, and rank 0 did not get there; `optex resume` goes on from the last "
      "checkpoint";
  if (const auto dead = why_signalled()) blame(early, *dead);
  lookers_on.foretell(early);
}

int Conductor::conclude(const RunState& state, const Outcome& outcome,
                        const RememberingEvaluator& remembering) {
  if (!remembering.left_over().empty())
    save_unfinished_round(folder_.unfinished_file(), state.iteration, round_hash(), remembering.left_over());
  else if (outcome.code == ExitCode::success)
    remove_unfinished_round(folder_.unfinished_file());
  if (!outcome.message.empty() && outcome.reason == "error")
    keep_rank_error(folder_.opened(), 0, outcome.message);
  // A silent rank would keep the others from ending in good order.
  if (outcome.code == ExitCode::stall) throw StallError(outcome.message);
  over_ = true;
  if (!lost_.empty())
    warn(fmt::format("{} lost: the launcher will speak of a failure; how the run ended stands in {}",
                     lost_.size() == 1 ? "a rank was" : fmt::format("{} ranks were", lost_.size()),
                     folder_.status_file().string()));
  return static_cast<int>(outcome.code);
}

void Conductor::lose(int rank, const std::string& text) {
  {
    const std::lock_guard lock(lost_mutex_);
    lost_.push_back(text);
  }
  console_.message(
      LogLevel::warning,
      text + (over_ ? fmt::format("; the run was over, but the launcher may speak of a failure: how it ended "
                                  "stands in {}",
                                  folder_.status_file().string())
                    : "; the others do its work from here on"));
  events_.record("lost-rank", text);
  keep_rank_error(folder_.opened(), rank, text);
}

std::optional<std::string> Conductor::why_signalled() const {
  std::vector<std::string> dead = ranks_.dead_ranks();
  for (const std::string& elsewhere : dead_elsewhere_.heard()) dead.push_back(elsewhere);
  // One that the run goes on without is no reason for a signal that comes later.
  const std::lock_guard lock(lost_mutex_);
  std::erase_if(dead, [&](const std::string& rank) {
    return std::any_of(lost_.begin(), lost_.end(),
                       [&](const std::string& text) { return text.find(rank) != std::string::npos; });
  });
  if (dead.empty()) return std::nullopt;
  return dead.front() + " has died, and its launcher ends the others";
}

void Conductor::warn(const std::string& text) {
  console_.message(LogLevel::warning, text);
  events_.record("warning", text);
}

/// What an earlier start had finished of the round that comes next.
std::vector<FinishedPoint> Conductor::finished_points() {
  if (!found_) return {};
  const std::int64_t iteration = found_->checkpoint.state.iteration;
  UnfinishedRound round = load_unfinished_round(folder_.unfinished_file(), iteration, round_hash());
  if (!round.problem.empty()) warn(round.problem + "; its round is computed anew");
  if (!round.finished.empty())
    console_.message(LogLevel::info, fmt::format("{} points of round {} are known from before",
                                                 round.finished.size(), iteration + 1));
  return std::move(round.finished);
}

Expectation Conductor::expectation() const {
  Expectation expected = expect_checkpoint(config_, problem_);
  expected.accepted = {accepted_.begin(), accepted_.end()};
  return expected;
}

std::string Conductor::round_hash() const { return rounds_identity(config_, problem_); }

}  // namespace optex::app
