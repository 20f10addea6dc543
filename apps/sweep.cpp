#include "optex/setup/sweep.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/files/descriptor.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/report/sweep_table.hpp"
#include "optex/setup/value.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "commands.hpp"
#include "experiment.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include "ranks.hpp"
#include "scene.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

struct SweepOptions {
  std::optional<std::int64_t> index;  ///< this run alone
  bool force = false;
  std::string given;  ///< the file's text
  std::vector<std::string> command_line;
};

/// True when `folder` holds this very run, ended by a stop rule.
bool is_done(const SweepRun& run, const fs::path& folder) {
  if (read_run_status(folder).state != "finished") return false;
  try {
    const Config stored = read_config(folder / "resolved.toml");
    if (stored.numbers_hash() != run.config.numbers_hash()) return false;
    for (const char* rule : {"iterations", "evaluations", "seconds", "value", "gradient_norm", "patience"}) {
      const std::string key = std::string("stop.") + rule;
      if (stored.has(key) != run.config.has(key)) return false;
      if (stored.has(key) && stored.value_text(key) != run.config.value_text(key)) return false;
    }
    return true;
  } catch (const Error&) {
    return false;  // running it again says what is wrong
  }
}

/// Waits for a lock that others hold for a moment: says so after ten seconds, and gives up in the end
/// (OPTEX_LOCK_SECONDS, otherwise ten minutes). A file system without locks has none to wait for.
void wait_for_lock(const files::Descriptor& lock, const fs::path& file) {
  using std::chrono::milliseconds;
  constexpr double word_after = 10.0, otherwise = 600.0;
  const char* const wish = std::getenv("OPTEX_LOCK_SECONDS");
  const double limit = wish == nullptr ? otherwise : parse_real(wish).value_or(otherwise);
  const Stopwatch waiting;
  for (bool said = false; ::flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;) {
    if (waiting.seconds() >= limit)
      throw IoError(fmt::format("{}: another process has held the lock for {:g} s (lsof shows which one)",
                                file.string(), limit));
    if (!said && waiting.seconds() >= std::min(word_after, limit / 2)) {
      print_note(fmt::format("waiting for the lock {}, which another process holds", file.string()));
      said = true;
    }
    std::this_thread::sleep_for(milliseconds(50));
  }
}

/// sweep.csv and sweep.json of what there is now. Jobs of an array come here at the same time: whoever is
/// last has seen everything.
std::vector<RunStatus> write_tables(const Sweep& sweep, const std::string& given) {
  const fs::path file = sweep.folder / ".optex-sweep-lock";
  const files::Descriptor lock(file, O_RDWR | O_CREAT | O_NOFOLLOW);
  wait_for_lock(lock, file);
  std::vector<RunStatus> runs = gather_sweep(sweep);
  files::replace_text(sweep.folder / "sweep.toml", given);
  files::replace_text(sweep.folder / "sweep.csv", sweep_csv(sweep, runs));
  files::replace_text(sweep.folder / "sweep.json", sweep_json(sweep, runs));
  return runs;
}

/// Rank 0's choice of what comes next.
class Queue {
 public:
  Queue(Sweep sweep, const SweepOptions& options) : sweep_(std::move(sweep)), options_(options) {
    std::error_code error;
    if (fs::exists(sweep_.folder / "resolved.toml", error))
      throw OutputExistsError(fmt::format("{}: a single run is at home there; give another run.name or -o",
                                          sweep_.folder.string()));
    fs::create_directories(sweep_.folder, error);
    if (error)
      throw IoError(fmt::format("{}: cannot create the folder: {}", sweep_.folder.string(), error.message()));
    for (const std::string& note : sweep_.notes) print_note("warning: " + note);
    const auto count = static_cast<std::int64_t>(sweep_.runs.size());
    if (options_.index && *options_.index >= count)
      throw UsageError(fmt::format("--index: must be in [0, {}]: the sweep has {} runs, found {}", count - 1,
                                   count, *options_.index));
    next_ = options_.index.value_or(0);
    end_ = options_.index ? next_ + 1 : count;
  }

  const Sweep& sweep() const { return sweep_; }

  /// The next run that has not been made yet; null when there is none.
  const SweepRun* next() {
    while (next_ < end_) {
      const SweepRun& run = sweep_.runs[static_cast<std::size_t>(next_++)];
      if (options_.force || !is_done(run, sweep_.folder / run.name())) return &run;
      say(run, "done already");
    }
    return nullptr;
  }

  void say(const SweepRun& run, const std::string& what) const {
    print_note(fmt::format("{}/{}  {}: {}", run.index + 1, sweep_.runs.size(), run.name(), what));
  }

  void tell_end(const SweepRun& run) const {
    const RunStatus status = read_run_status(sweep_.folder / run.name());
    say(run, fmt::format("{}{}, F = {:.6g} after {} rounds, {:.3g} s", status.state,
                         status.reason.empty() ? "" : " (" + status.reason + ")", status.answer(),
                         status.iteration, status.seconds));
  }

 private:
  Sweep sweep_;
  const SweepOptions& options_;
  std::int64_t next_ = 0, end_ = 0;
};

/// All runs one after the other, each on all ranks. Returns 0, or the code of the first run that failed, or
/// 75 when a signal came.
int sweep_on(Ranks& ranks, const SweepOptions& options, const std::function<Sweep()>& read) {
  std::optional<Queue> queue;
  ranks.agree_on([&] {
    if (ranks.is_first()) queue.emplace(read(), options);
  });
  int code = 0;
  for (bool stopped = false; !stopped;) {
    const SweepRun* const run = queue ? queue->next() : nullptr;
    if (ranks.share(run != nullptr ? run->name() : "").empty()) break;
    Experiment experiment;
    experiment.configure = [&] { return GivenConfig{options.given, run->config}; };
    experiment.if_exists = options.force ? IfExists::force : IfExists::resume;
    experiment.quiet = true;
    experiment.command_line = options.command_line;
    int result = 0;
    const auto failure = ranks.attempt([&] { result = conduct_on(ranks, experiment); });
    if (failure) result = static_cast<int>(failure->code());
    if (queue) {
      if (failure)
        queue->say(*run, fmt::format("failed: {}", failure->what()));
      else
        queue->tell_end(*run);
      write_tables(queue->sweep(), options.given);
    }
    result = std::stoi(ranks.share(std::to_string(result)));
    stopped = result == static_cast<int>(ExitCode::requeue);
    if (stopped || code == 0) code = result;
  }
  if (queue) {
    const std::vector<RunStatus> runs = write_tables(queue->sweep(), options.given);
    const std::string folder = queue->sweep().folder.string();
    print(sweep_text(queue->sweep(), runs) +
          fmt::format("\n{}\nFiles: {}/sweep.csv, {}/sweep.json\n", sweep_summary(runs), folder, folder));
  }
  return code;
}

ExitCode print_plan(const Sweep& sweep, const std::string& file) {
  std::string text;
  const std::vector<RunStatus> runs = gather_sweep(sweep);
  std::size_t width = 0;
  for (const SweepRun& run : sweep.runs) width = std::max(width, run.name().size());
  for (const SweepRun& run : sweep.runs)
    text += fmt::format("{:>5}  {:<{}}  {}\n", run.index, run.name(), width,
                        runs[static_cast<std::size_t>(run.index)].state);
  print(text);
  for (const std::string& note : sweep.notes) print_note("warning: " + note);
  print_note(fmt::format("{} in {}", sweep_summary(runs), sweep.folder.string()));
  print_note(fmt::format("as jobs: sbatch --array=0-{} with 'optex sweep {} --index $SLURM_ARRAY_TASK_ID'",
                         sweep.runs.size() - 1, file));
  return ExitCode::success;
}

/// The whole of it, before any run begins.
Sweep read_runs(const std::string& file, const std::vector<Override>& overrides) {
  Sweep sweep = read_sweep(file, overrides);
  for (const SweepRun& run : sweep.runs) refuse_external(run.config);
  return sweep;
}

ExitCode start_sweep(const CommandLine& line) {
  SweepOptions options;
  options.force = line.has("force");
  options.command_line = line.words;
  options.index = integer_option(line, "index", {.min = 0.0});
  if (options.index && line.has("print"))
    throw UsageError("--print lists all runs, --index makes one: give one of them");
  const std::string file = line.arguments.front();
  const std::vector<Override> overrides = overrides_in(line);
  if (line.has("print"))
    return is_speaker() ? print_plan(read_runs(file, overrides), file) : ExitCode::success;
  return static_cast<ExitCode>(on_all_ranks([&](Ranks& ranks) {
    return sweep_on(ranks, options, [&] {
      options.given = read_config_text(file);
      return read_runs(file, overrides);
    });
  }));
}

}  // namespace

Subcommand sweep_command() {
  return {
      {.name = "sweep",
       .help = "make many runs: every combination of lists of values",
       .description =
           "The file is an ordinary configuration with a table [sweep]: \"optimizer.learning_rate\" = [0.01, "
           "0.1], \"method.name\" = [\"optex\", \"vanilla\"], seeds = 5, for any keys. Every combination is "
           "one run in a folder of its own within run.output/run.name, made on all ranks, one after the "
           "other. The same command goes on where an earlier one ended, and with longer lists makes only "
           "what is new. Results are gathered in sweep.csv and sweep.json.",
       .arguments = {{.name = "CONFIG", .help = "a TOML file with a table [sweep]"}},
       .options = {{.name = "print", .help = "list the runs and how they stand, make none"},
                   {.name = "index",
                    .value = "I",
                    .help = "make this run alone, counted from 0: for Slurm arrays"},
                   {.name = "output",
                    .letter = 'o',
                    .value = "DIR",
                    .help = "the sweep's folder; without it run.output/run.name"},
                   {.name = "force", .help = "start every run over, replacing what an earlier sweep left"}},
       .takes_keys = true,
       .examples = {{"mpirun -n 4 optex sweep grid.toml", "all runs, each on four ranks"},
                    {"optex sweep grid.toml --print", "which runs there are, and which are done"},
                    {"mpirun optex sweep grid.toml --index $SLURM_ARRAY_TASK_ID",
                     "one run in a job of a Slurm array"}}},
      start_sweep,
      true};
}

}  // namespace optex::app
