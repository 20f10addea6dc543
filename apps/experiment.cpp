#include "experiment.hpp"

#include "optex/build_info.hpp"
#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/checkpoint/checkpoint_writer.hpp"
#include "optex/checkpoint/unfinished_round.hpp"
#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/driver/driver.hpp"
#include "optex/evaluation/arrivals.hpp"
#include "optex/evaluation/awaiting_evaluator.hpp"
#include "optex/evaluation/remembering_evaluator.hpp"
#include "optex/external/inside_plugin.hpp"
#include "optex/monitor/arithmetic.hpp"
#include "optex/monitor/console.hpp"
#include "optex/monitor/diagnosis.hpp"
#include "optex/monitor/event_log.hpp"
#include "optex/monitor/metrics_writer.hpp"
#include "optex/monitor/provenance.hpp"
#include "optex/monitor/slow_rank.hpp"
#include "optex/monitor/status_writer.hpp"
#include "optex/monitor/words_of_dead_ranks.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/contents.hpp"
#include "optex/setup/footprint.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "output.hpp"
#include "ranks.hpp"
#include "replayed_arrivals.hpp"
#include "results_writer.hpp"
#include "run_start.hpp"
#include "spread_state.hpp"
#include "stopping_early.hpp"
#include "stored_config.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

/// Last words of a rank, for whoever looks into the folder. They are on stderr as well: that they cannot be
/// kept is no reason to tell of something else.
void keep_rank_error(const std::optional<files::Folder>& folder, int rank, const std::string& text) {
  if (!folder) return;  // not every rank need see it
  try {
    write_rank_error(*folder, rank, text);
  } catch (const std::exception& problem) {
    print_note(fmt::format("warning: {}", problem.what()));
  }
}

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

/// Rank 0's files and lookers-on, from before the first round to the end.
class Conductor {
 public:
  Conductor(const Experiment& experiment, const GivenConfig& given, const Problem& problem, Ranks& ranks,
            RunStart start, const std::vector<std::string>& arithmetic)
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
    if (experiment.if_exists == IfExists::resume) {
      const CheckpointFolder checkpoints(folder_.checkpoints());
      const Expectation expected = expectation();
      found_ =
          ranks.slices() == nullptr ? checkpoints.load_newest(expected) : checkpoints.find_newest(expected);
      announce_resume();
      if (const auto other = other_arithmetic_before(folder_.provenance_file(), arithmetic.front());
          found_ && other)
        warn(*other);
      if (found_) check_outstanding(config_, found_->checkpoint.state);
    }
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

  int run(Evaluator& evaluator) {
    CoordinateSlices* const slices = ranks_.slices();
    CheckpointSchedule schedule = assemble_checkpoint_schedule(config_);
    schedule.in_background = slices == nullptr;
    MetricsWriter metrics(
        folder_.metrics_file(), [this](const std::string& text) { warn(text); },
        [this](std::int64_t round) {
          return CheckpointFolder(folder_.checkpoints()).examine(round, [this] { return expectation(); });
        });
    RunDescription description = describe_run(config_, problem_);
    if (found_)
      description.coordinate_files =
          hashes_with_kept(description.coordinate_files, found_->checkpoint.run.coordinate_files);
    CheckpointWriter checkpoints(
        CheckpointFolder(folder_.checkpoints()), std::move(description), schedule,
        [this](std::int64_t, const fs::path& file) {
          events_.record("checkpoint", file.filename().string());
        },
        [this, &metrics] {
          events_.make_rounds_durable();
          metrics.make_durable();
        },
        slices);
    RememberingEvaluator remembering(evaluator, finished_points());
    LastResort last_resort;
    std::optional<ArrivalReplay> replay;
    StopRules rules = assemble_stop_rules(config_);
    if (start_.replay) {
      replay.emplace(remembering, start_.replay->rounds);
      const std::int64_t logged = start_.replay->rounds.rbegin()->first + 1;
      rules.iterations = std::min(rules.iterations.value_or(logged), logged);
      rules.seconds.reset();  // the clock's
    }
    ArrivalRecorder recorder(replay ? static_cast<Evaluator&>(*replay) : remembering,
                             [this](const Arrivals& arrivals) { events_.record(arrivals); });
    // A checkpoint is written while the next round's points are evaluated.
    AwaitingEvaluator awaiting(
        recorder, [&checkpoints] { checkpoints.finish(); },
        [&last_resort](bool waits) { last_resort.set_waiting(waits); });
    std::optional<SpreadMethod> spread;
    std::unique_ptr<Method> own;
    if (slices != nullptr)
      spread.emplace(config_, *slices, awaiting);
    else
      own = assemble_method(config_, awaiting);
    Method& method = spread ? spread->method() : *own;
    RunState state;
    if (found_ && spread)
      state = spread->restore(*found_, expectation());
    else
      state = found_ ? std::move(found_->checkpoint.state) : method.initial_state(start_.theta);
    if (!found_) state.objective_state = problem_.objective->initial_state();
    found_.reset();

    ResultsWriter results(folder_, *problem_.objective, start_.theta,
                          [this](const std::string& text) { warn(text); });
    StatusWriter status(folder_.status_file(), [this] { return ranks_.busy_seconds(); });
    const auto diagnose = [this, &status](const std::string& line) {
      console_.message(LogLevel::warning, line);
      status.note(line);
      events_.record("diagnosis", line);
    };
    Diagnosis diagnosis(diagnose, !problem_.objective->is_noisy() && state.objective_state.size() == 0);
    SlowRank slow_rank([this] { return ranks_.busy_seconds(); }, ranks_.hosts(), diagnose);
    DriverOptions driving;
    driving.rounds.rules = rules;
    driving.rounds.advance = [this](ConstVectorRef theta, Vector& objective_state) {
      problem_.objective->advance(theta, objective_state);
    };
    if (spread) driving.rounds.whole = [&](const Vector& member) { return spread->whole(state, member); };
    driving.observers = {&metrics, &checkpoints, &results,   &events_,
                         &status,  &console_,    &diagnosis, &slow_rank};
    driving.interruption = [this, clock = RoundClock()]() mutable {
      const Interruption wanted = ranks_.interruption();
      const bool in_time = clock.next_round_ends_in_time();
      return wanted == Interruption::none && !in_time ? Interruption::out_of_time : wanted;
    };
    driving.assess = [this](ConstVectorRef theta) { return problem_.objective->assess(theta); };
    driving.quality_every = config_.integer("log.quality_every");
    driving.cause = [this] { return why_signalled(); };
    Driver driver(method, awaiting, std::move(driving));
    const auto end_with = [&](ExitCode code, const std::string& message) {
      Outcome early;
      early.code = code;
      early.reason = "error";
      early.message = message;
      events_.on_end(state, early);
      status.on_end(state, early);
      console_.on_end(state, early);
      keep_rank_error(folder_.opened(), 0, message);
    };
    const LastWordsOfPlugins words(
        [&](const std::string& text) { end_with(ExitCode::evaluation_failed, text); });
    last_resort.when_stuck(config_.real("failure.stall_seconds"), [&](double seconds) {
      end_with(
          ExitCode::stall,
          fmt::format(
              "{}: the plug-in has not come back for {:.0f} s (failure.stall_seconds); the checkpoint of "
              "the last round stands",
              config_.text("problem.library"), seconds));
      ranks_.end_all(static_cast<int>(ExitCode::stall));
    });
    // The other ranks' slices cannot be had while they compute: then the last checkpoint has to do.
    if (!spread)
      last_resort.watch([&] {
        Outcome early;
        early.code = ExitCode::requeue;
        early.reason = "signal";
        early.message = fmt::format(
            "stopped by a signal within round {}, while rank 0 computed; the state before that round is "
            "saved, "
            "`optex "
            "resume` goes on from there",
            state.iteration + 1);
        if (const auto dead = why_signalled()) blame(early, *dead);
        checkpoints.on_checkpoint(state);
        events_.on_end(state, early);
        status.on_end(state, early);
        console_.on_end(state, early);
        ranks_.end_all(static_cast<int>(early.code));
      });
    const Outcome outcome = driver.run(state);
    last_resort.rest();
    if (!remembering.left_over().empty())
      save_unfinished_round(folder_.unfinished_file(), state.iteration, round_hash(),
                            remembering.left_over());
    else if (outcome.code == ExitCode::success)
      remove_unfinished_round(folder_.unfinished_file());
    if (!outcome.message.empty() && outcome.reason == "error")
      keep_rank_error(folder_.opened(), 0, outcome.message);
    // A silent rank would keep the others from ending in good order.
    if (outcome.code == ExitCode::stall) throw StallError(outcome.message);
    if (!lost_.empty())
      warn(fmt::format("{} lost: the launcher will speak of a failure; how the run ended stands in {}",
                       lost_.size() == 1 ? "a rank was" : fmt::format("{} ranks were", lost_.size()),
                       folder_.status_file().string()));
    return static_cast<int>(outcome.code);
  }

  /// A rank was left behind, and the run goes on.
  void lose(int rank, const std::string& text) {
    {
      const std::lock_guard lock(lost_mutex_);
      lost_.push_back(text);
    }
    console_.message(LogLevel::warning, text + "; the others do its work from here on");
    events_.record("lost-rank", text);
    keep_rank_error(folder_.opened(), rank, text);
  }

 private:
  std::optional<std::string> why_signalled() const {
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

  void warn(const std::string& text) {
    console_.message(LogLevel::warning, text);
    events_.record("warning", text);
  }

  /// What an earlier start had finished of the round that comes next.
  std::vector<FinishedPoint> finished_points() {
    if (!found_) return {};
    UnfinishedRound round =
        load_unfinished_round(folder_.unfinished_file(), found_->checkpoint.state.iteration, round_hash());
    if (!round.problem.empty()) warn(round.problem + "; its round is computed anew");
    if (!round.finished.empty())
      console_.message(LogLevel::info,
                       fmt::format("{} points of round {} are known from before", round.finished.size(),
                                   found_->checkpoint.state.iteration + 1));
    return std::move(round.finished);
  }
  Expectation expectation() const {
    Expectation expected = expect_checkpoint(config_, problem_);
    expected.accepted = {accepted_.begin(), accepted_.end()};
    return expected;
  }
  std::string round_hash() const { return rounds_identity(config_, problem_); }

  void announce_resume() {
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
  }

  const Config& config_;
  const Problem& problem_;
  Ranks& ranks_;
  RunFolder folder_;
  const WordsOfDeadRanks dead_elsewhere_;
  Console console_;
  EventLog events_;
  RunStart start_;
  std::vector<std::string> accepted_;
  std::optional<FoundCheckpoint> found_;
  mutable std::mutex lost_mutex_;  ///< for lost_: a thread looks on
  std::vector<std::string> lost_;  ///< what was said of each rank that was left behind
};

std::vector<std::pair<std::string, std::string>> facts_of(const Config& config, const Problem& problem) {
  return {{"version", build::version},
          {"git commit", build::git_commit},
          {"configuration", fmt::format("{:016x}", config.numbers_hash())},
          {"dimension", std::to_string(problem.objective->dimension())},
          {"shards", std::to_string(problem.objective->shard_count())},
          {"data", problem.train ? problem.train->hash : "none"},
          {"problem.library", problem.library_hash}};
}

}  // namespace

EvaluatorWishes work_sharing(const Config& config) {
  return {config.boolean("parallel.coordinator_evaluates"), keeps_by_shard(config)};
}

Scene set_scene(Ranks& ranks, const std::function<GivenConfig()>& configure) {
  std::optional<GivenConfig> given;
  ranks.agree_on([&] {
    if (ranks.is_first()) given.emplace(configure());
    if (given && given->config.text("problem.name") == "external")
      throw UsageError(
          "problem.name = \"external\": its gradients are computed by you; use optex ask and optex tell");
  });
  // The others need no access to the configuration file, and all mean the same by it.
  const std::string resolved = ranks.share(given ? given->config.to_toml() : "");
  if (!given) given.emplace(GivenConfig{resolved, parse_config(resolved, "configuration of rank 0")});
  ranks.set_stall_seconds(given->config.real("failure.stall_seconds"));

  std::stringstream hosts(ranks.share(fmt::format("{}", fmt::join(ranks.hosts(), "\n"))));
  std::vector<std::string> host_of_rank;
  for (std::string host; std::getline(hosts, host);) host_of_rank.push_back(host);
  const auto ranks_per_worker =
      static_cast<int>(given->config.integer_if_set("parallel.ranks_per_worker").value_or(1));
  ranks.agree_on([&] { ranks.form_workers(ranks_per_worker); });
  tell_place(ranks.rank(), host_of_rank, ranks_per_worker);

  if (ranks.is_first() || spreads_history(given->config)) {
    const std::string& host = host_of_rank[static_cast<std::size_t>(ranks.rank())];
    const auto here = std::count(host_of_rank.begin(), host_of_rank.end(), host);
    set_thread_count(assemble_threads(given->config, static_cast<int>(here)));
  }
  Scene scene{std::move(*given), {}, {}, ranks.gather(arithmetic_here())};
  const Config& config = scene.given.config;
  if (keeps_by_shard(config)) {
    std::string survey;
    ranks.agree_on([&] {
      if (ranks.is_first()) survey = to_text(survey_data(config));
    });
    scene.share = share_of_rank(config, survey_of(ranks.share(survey)), ranks.rank(),
                                static_cast<int>(host_of_rank.size()));
  }
  ranks.agree_on([&] { scene.problem = assemble_problem(config, scene.share ? &*scene.share : nullptr); });
  scene.problem.objective = ranks.of_worker(std::move(scene.problem.objective));
  ranks.check_same(facts_of(scene.given.config, scene.problem));
  if (scene.problem.uses_mpi) {
    Vector start;
    ranks.agree_on([&] { start = assemble_start(scene.given.config, *scene.problem.objective); });
    ranks.check_independent(*scene.problem.objective, start);
  }
  return scene;
}

void serve_in(Ranks& ranks, const Scene& scene) {
  // Now, while it is this run's.
  const std::optional<files::Folder> folder = folder_seen_by_rank(run_folder(scene.given.config));
  std::optional<Mourner> mourner;
  if (folder)
    mourner.emplace([&ranks] { return ranks.dead_neighbour(); },
                    [&](const std::string& dead) {
                      try {
                        WordsOfDeadRanks::tell(*folder, ranks.rank(), dead);
                      } catch (const Error&) {
                        // Then the signal counts.
                      }
                    });
  try {
    if (ranks.slices() != nullptr) return serve_with_slice(ranks, scene);
    const LastWordsOfPlugins last([&](const std::string& words) {
      keep_rank_error(folder, ranks.rank(), words);
      print_error(fmt::format("rank {}: {}", ranks.rank(), words));
    });
    ranks.serve(*scene.problem.objective);
  } catch (const Error& error) {
    keep_rank_error(folder, ranks.rank(), error.what());
    throw;
  }
}

void record_provenance(const RunFolder& folder, const Config& config, const Problem& problem,
                       const Ranks& ranks, const std::vector<std::string>& command_line,
                       const std::vector<std::string>& accepted) {
  Provenance provenance;
  provenance.accepted = accepted;
  provenance.command_line = command_line;
  provenance.mpi_library = ranks.mpi_library();
  provenance.host_of_rank = ranks.hosts();
  provenance.arithmetic = arithmetic_here();
  for (const auto& data : {problem.train, problem.test})
    if (data) provenance.data_hashes.emplace_back(data->source, data->hash);
  if (!problem.library_hash.empty())
    provenance.data_hashes.emplace_back("problem.library", problem.library_hash);
  provenance.contents = content_hashes(config, problem);
  write_provenance(folder.provenance_file(), provenance);
}

int conduct_on(Ranks& ranks, const Experiment& experiment) {
  const Scene scene = set_scene(ranks, experiment.configure);
  const Config& config = scene.given.config;
  const Problem& problem = scene.problem;
  spread_state(ranks, scene);
  if (experiment.dry_run) {
    ranks.agree_on([&] {
      if (!ranks.is_first()) return;
      read_start(experiment, config, problem, ranks);
      print(fmt::format("{}: nothing was run; {} ranks, {} coordinates, {} shards\n",
                        run_folder(config).string(), ranks.hosts().size(), problem.objective->dimension(),
                        problem.objective->shard_count()));
    });
    return 0;
  }

  std::optional<Conductor> conductor;
  ranks.agree_on([&] {
    if (ranks.is_first())
      conductor.emplace(experiment, scene.given, problem, ranks,
                        read_start(experiment, config, problem, ranks), scene.arithmetic);
  });
  if (!ranks.is_first()) {
    serve_in(ranks, scene);
    return 0;
  }
  EvaluatorWishes wishes = work_sharing(config);
  wishes.goes_on_without_lost = config.text("failure.lost_rank") == "continue";
  if (ranks.slices() == nullptr) wishes.interrupted = RoundBreaker();  // with slices rounds are ended
  wishes.on_lost = [&conductor](int rank, const std::string& text) { conductor->lose(rank, text); };
  const std::unique_ptr<Evaluator> evaluator = ranks.evaluator(*problem.objective, wishes);
  return conductor->run(*evaluator);
}

int conduct(const Experiment& experiment) {
  return on_all_ranks([&](Ranks& ranks) { return conduct_on(ranks, experiment); });
}

std::vector<Override> in_folder(const fs::path& folder) {
  if (folder.empty()) throw UsageError("the name of the run's folder is empty");
  fs::path path = absolute_path(folder);
  if (!path.has_filename()) path = path.parent_path();  // "runs/name/"
  if (path.filename() == "..") {
    std::error_code error;
    path = fs::canonical(path, error);  // only the file system knows what it is called
    if (error) throw IoError(fmt::format("{}: {}", folder.string(), error.message()));
  }
  return {{"run.output", path.parent_path().string()}, {"run.name", path.filename().string()}};
}

}  // namespace optex::app
