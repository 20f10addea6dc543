#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/checkpoint/checkpoint_writer.hpp"
#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/minimize/ask_tell.hpp"
#include "optex/monitor/arithmetic.hpp"
#include "optex/monitor/event_log.hpp"
#include "optex/monitor/metrics_writer.hpp"
#include "optex/monitor/provenance.hpp"
#include "optex/monitor/results.hpp"
#include "optex/monitor/run_folder.hpp"
#include "optex/monitor/status_writer.hpp"
#include "optex/report/run_status.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/contents.hpp"
#include "optex/text/host_name.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "asked_round.hpp"
#include "commands.hpp"
#include "experiment.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include "ranks.hpp"
#include "stored_config.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

/// A run whose gradients come from outside: each `optex ask` takes up the answers that are there, goes as far
/// as they reach, and leaves.
class AskedRun {
 public:
  AskedRun(const fs::path& folder, bool is_new, const GivenConfig& given,
           std::vector<std::string> command_line)
      : config_(given.config),
        command_line_(std::move(command_line)),
        // What an `optex ask` left that was killed before it had asked for anything is begun anew.
        folder_(folder, is_new && has_begun(folder) ? IfExists::refuse : IfExists::resume),
        problem_(assemble_problem(config_)),
        asked_(folder_.opened()),
        events_(folder_.events_file(), problem_.objective->dimension()),
        metrics_(
            folder_.metrics_file(), [](const std::string& text) { print_note(text); },
            [this](std::int64_t round) {
              return CheckpointFolder(folder_.checkpoints()).examine(round, [this] {
                return expect_checkpoint(config_, problem_);
              });
            }),
        checkpoints_(
            CheckpointFolder(folder_.checkpoints()), describe_run(config_, problem_),
            CheckpointSchedule{.iterations = std::nullopt,
                               .seconds = std::nullopt,
                               .keep = config_.integer("checkpoint.keep")},
            [this](std::int64_t, const fs::path& file) {
              events_.record("checkpoint", file.filename().string());
            },
            [this] { metrics_.make_durable(); }),
        status_(folder_.status_file()) {
    status_.between_calls();
    const std::string rule = read_run_status(folder).rule;
    status_.recall_rule(rule);
    events_.recall_rule(rule);
    for (const std::string& note : config_.notes()) print_note(note);
    for (const std::string& warning : folder_.warnings()) print_note(warning);
    if (is_new) folder_.write_config(given.text, resolved_text(given));
    if (!folder_.provenance_file().exists()) record_start();
  }

  /// Whether a round has been asked for, or more.
  static bool has_begun(const fs::path& folder) {
    std::error_code ignored;
    const fs::path checkpoints = folder / "checkpoints";
    const bool saved = fs::is_directory(checkpoints, ignored) && !fs::is_empty(checkpoints, ignored);
    return fs::exists(folder / "resolved.toml", ignored) &&
           (saved || fs::exists(folder / "asked" / "round.json", ignored));
  }

  /// `further`: stop rules were given anew.
  ExitCode go_on(QuestionFormat format, bool further) {
    RunState state = last_state();
    const std::int64_t begun = state.iteration;
    std::optional<AskedRound::Facts> pending = asked_.facts();
    // The settings fit the run: what was given anew stays.
    store_settings(pending, begun);
    if (pending && pending->round != begun + 1) {  // its answers have been taken up already
      asked_.clear();
      pending.reset();
    }
    if (pending && pending->points == 0) {
      if (!further) {
        print_note(fmt::format("finished after {} rounds ({}); give another stop rule to go on", begun,
                               pending->ending));
        return ExitCode::success;
      }
      pending.reset();
    }
    if (pending) state.seconds += seconds_of(*pending);
    AskTell run([this](Evaluator& evaluator) { return assemble_method(config_, evaluator); },
                std::move(state), assemble_stop_rules(config_), pending ? pending->ending : "");
    metrics_.on_start(run.state());
    checkpoints_.on_start(run.state());
    status_.on_start(run.state());
    // Metrics first: a round is over when its checkpoint is there, and lines beyond it are cut.
    run.on_round([this](const RunState& after, const IterationReport& report) {
      metrics_.on_iteration(after, report);
      events_.on_iteration(after, report);
      checkpoints_.on_checkpoint(after);
      status_.on_iteration(after, report);
    });
    const std::vector<Question> open = take_up_answers(run, begun);
    if (run.finished()) return finish(run);
    status_.refresh(run.state());
    AskedRound::Facts facts;
    facts.round = run.state().iteration + 1;
    facts.dimension = problem_.objective->dimension();
    facts.points = open.back().number + 1;
    if (pending && pending->round == facts.round) facts.points = std::max(facts.points, pending->points);
    facts.ending = run.ending();
    facts.format = format;
    facts.settings = settings(facts.round - 1);
    facts.asked = pending && pending->round == facts.round && pending->ending == facts.ending ? pending->asked
                                                                                              : seconds_now();
    if (!pending || pending->round != facts.round || pending->ending != facts.ending ||
        pending->points != facts.points || pending->format != format) {
      if (facts.round != begun + 1 || (pending && pending->ending != facts.ending)) asked_.clear();
      asked_.write(facts, open);
    }
    std::string lines;
    for (const Question& question : open)
      lines +=
          fmt::format("{}\t{}{}\n", question.number, asked_.question_file(format, question.number).string(),
                      question.key.whole ? "\twhole" : "");
    print(lines);
    return ExitCode::success;
  }

 private:
  RunState last_state() {
    auto found = CheckpointFolder(folder_.checkpoints()).load_newest(expect_checkpoint(config_, problem_));
    if (found) {
      for (const std::string& warning : found->warnings) print_note(warning);
      return std::move(found->checkpoint.state);
    }
    ToldEvaluator nobody(problem_.objective->dimension());
    std::vector<std::string> notes;
    const Vector start = assemble_start(config_, *problem_.objective, &notes);
    for (const std::string& note : notes) print_note(note);
    return assemble_method(config_, nobody)->initial_state(start);
  }

  /// Of the rounds after `begun`; the first one's points follow from the start, too.
  std::string settings(std::int64_t begun) const {
    return begun == 0 ? fmt::format("{:016x}", config_.numbers_hash()) : rounds_identity(config_, problem_);
  }

  void record_start() {
    Provenance provenance;
    provenance.command_line = command_line_;
    provenance.host_of_rank = {host_name()};
    provenance.arithmetic = arithmetic_here();
    provenance.contents = content_hashes(config_, problem_);
    write_provenance(folder_.provenance_file(), provenance);
    events_.record("start", fmt::format("{} parameters", problem_.objective->dimension()));
  }

  /// Keys of this command line are those of the run from now on. Points that followed from other settings are
  /// asked for anew: an answer to the old ones would be taken for one to the new.
  void store_settings(std::optional<AskedRound::Facts>& pending, std::int64_t begun) {
    const std::string stored = files::read_text_if_there(folder_.resolved_file()).value_or("");
    const std::string resolved = with_settings_of(stored, config_);
    if (stored != resolved) files::replace_text(folder_.resolved_file(), resolved);
    if (!pending || pending->round != begun + 1 || pending->settings.empty() ||
        pending->settings == settings(begun))
      return;
    if (const Index told = asked_.answered(pending->round); told > 0)
      print_note(
          fmt::format("the settings are other ones now: round {} is asked for anew, {} answers are dropped",
                      pending->round, told));
    asked_.clear();
    pending.reset();
  }

  /// From asking to the last answer: the wall time of a round whose gradients come from outside.
  double seconds_of(const AskedRound::Facts& pending) const {
    double last = pending.asked;
    for (Index number = 0; number < pending.points; ++number)
      if (const auto answer = asked_.read_answer(pending.round, number, pending.dimension))
        last = std::max(last, answer->told);
    return pending.asked > 0.0 ? last - pending.asked : 0.0;
  }

  /// One that is damaged is none: its point stays open.
  std::optional<Evaluation> answer_to(const Question& question, std::int64_t round) const {
    auto answer = asked_.read_answer(round, question.number, question.theta.size());
    if (!answer) return std::nullopt;
    if (answer->problem.empty()) return std::move(answer->evaluation);
    print_note(fmt::format("the answer to point {} of round {} is damaged ({}): it is asked for again",
                           question.number, round, answer->problem));
    asked_.remove_answer(round, question.number);
    return std::nullopt;
  }

  /// Tells what has been answered of the round that was asked; returns what is open then.
  std::vector<Question> take_up_answers(AskTell& run, std::int64_t round) {
    const std::string ending = run.ending();
    for (;;) {
      std::vector<Question> open = run.ask();
      // Beyond that round no answers can be there.
      if (run.finished() || run.state().iteration != round || run.ending() != ending) return open;
      bool told = false;
      for (const Question& question : open) {
        const std::optional<Evaluation> answer = answer_to(question, round + 1);
        if (!answer) continue;
        if (answer->failed())
          run.tell_failed(question.number, answer->failure);
        else
          run.tell(question.number, answer->value, answer->gradient);
        told = true;
      }
      if (!told) return open;
    }
  }

  ExitCode finish(const AskTell& run) {
    const Outcome& outcome = run.outcome();
    checkpoints_.on_end(run.state(), outcome);
    metrics_.on_end(run.state(), outcome);
    write_results(folder_.results_file(), folder_.metrics_file(), outcome.solution, outcome);
    status_.on_end(run.state(), outcome);
    for (const std::string& warning : outcome.warnings) {
      print_note(warning);
      events_.on_warning(warning);
    }
    events_.on_end(run.state(), outcome);
    // An evaluation that failed for good may be told anew: the round's other answers stay.
    if (outcome.code == ExitCode::success) {
      asked_.clear();
      asked_.write({.round = run.state().iteration + 1,
                    .dimension = problem_.objective->dimension(),
                    .points = 0,
                    .ending = outcome.reason,
                    .format = QuestionFormat::hdf5,
                    .settings = settings(run.state().iteration),
                    .asked = 0.0},
                   {});
      print_note(fmt::format("finished after {} rounds, {}; F = {:.10g}; {}", run.state().iteration,
                             outcome.message, outcome.final_value, folder_.results_file().string()));
    } else {
      print_error(outcome.message);
    }
    return outcome.code;
  }

  Config config_;
  std::vector<std::string> command_line_;
  RunFolder folder_;
  Problem problem_;
  AskedRound asked_;
  EventLog events_;
  MetricsWriter metrics_;
  CheckpointWriter checkpoints_;
  StatusWriter status_;
};

ExitCode start_ask(const CommandLine& line) {
  const fs::path folder = line.arguments.front();
  const bool raw = word_option(line, "format", {"hdf5", "raw"}) == 1;
  tell_place(0, {host_name()});
  const bool is_new = line.has("config");
  std::error_code no_matter;
  if (!is_new && !fs::exists(folder / "resolved.toml", no_matter))
    throw IoError(fmt::format("{0}: not a run's folder; the first time: optex ask {0} --config=CONFIG",
                              folder.string()));
  std::vector<Override> overrides = in_folder(folder);
  overrides.insert(overrides.end(), line.overrides.begin(), line.overrides.end());
  const fs::path file = line.option("config");
  const GivenConfig given = is_new ? GivenConfig{read_config_text(file), read_config(file, overrides)}
                                   : stored_config(folder, line.overrides);
  AskedRun run(run_folder(given.config), is_new, given, line.words);
  const bool further =
      std::any_of(line.overrides.begin(), line.overrides.end(),
                  [](const Override& given_key) { return given_key.key.starts_with("stop."); });
  return run.go_on(raw ? QuestionFormat::raw : QuestionFormat::hdf5, further);
}

}  // namespace

Subcommand ask_command() {
  return {
      {.name = "ask",
       .help = "write the next points of a run whose gradients you compute yourself",
       .description = "Takes up what `optex tell` has brought, goes on as far as that reaches, writes the "
                      "points that wait for their value and gradient into DIR/asked and prints a line for "
                      "each: number, file, and \"whole\" when the exact F on all data is wanted. Prints none "
                      "when the run is finished. No MPI, no waiting.",
       .arguments = {{.name = "DIR", .help = "the run's folder"}},
       .options = {{.name = "config", .value = "CONFIG", .help = "begin a new run with this TOML file"},
                   {.name = "format",
                    .value = "F",
                    .help =
                        "hdf5: one file with /number and the rows of /theta; raw: doubles, a file a point"}},
       .takes_keys = true,
       .examples = {{"optex ask runs/mine --config=mine.toml",
                     "begin; mine.toml has problem.name = \"external\""},
                    {"optex ask runs/mine", "the next points, or those that are still open"}}},
      start_ask};
}

}  // namespace optex::app
