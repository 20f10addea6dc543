#include "optex/recorded/recorded_ask_tell.hpp"

#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/methods/surrogate_state.hpp"
#include "optex/monitor/event_log.hpp"
#include "optex/monitor/provenance.hpp"
#include "optex/monitor/results.hpp"

#include <array>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

/// What the caller holds in memory, as `optex ask` on the same folder reads it.
constexpr const char* given_name = "given.h5";

Config configuration(const std::string& keys, const std::string& name, const GivenVectors& given,
                     const std::optional<fs::path>& folder) {
  std::vector<Override> overrides;
  const auto set = [&overrides](const char* key, const std::string& value) {
    overrides.push_back({key, value});
  };
  const std::string file = (folder ? *folder / given_name : fs::path(given_name)).string();
  set("problem.name", "external");
  set("problem.dimension", std::to_string(given.start.size()));
  set("problem.initial", file + ":/initial");
  if (given.lower) set("problem.lower", file + ":/lower");
  if (given.upper) set("problem.upper", file + ":/upper");
  if (folder) {
    set("run.output", folder->parent_path().string());
    set("run.name", folder->filename().string());
  }
  Config config = parse_config(keys, name, overrides);
  config.attach("problem.initial", given.start);
  if (given.lower) config.attach("problem.lower", *given.lower);
  if (given.upper) config.attach("problem.upper", *given.upper);
  return config;
}

std::optional<fs::path> absolute_folder(const std::optional<fs::path>& folder) {
  if (!folder) return std::nullopt;
  fs::path path = absolute_path(*folder);
  if (!path.has_filename()) path = path.parent_path();  // "runs/name/"
  return path;
}

void write_given(const files::Place& file, const GivenVectors& given) {
  files::ReplacementFile replacement(file);
  hdf5::File out = hdf5::File::create(replacement.content());
  out.write("/initial", given.start);
  if (given.lower) out.write("/lower", *given.lower);
  if (given.upper) out.write("/upper", *given.upper);
  out.close();
  replacement.commit();
}

}  // namespace

/// What a run leaves behind.
class RecordedAskTell::Folder {
 public:
  Folder(const fs::path& path, const Config& config, const Problem& problem, const std::string& keys,
         const GivenVectors& given)
      : config_(config),
        problem_(problem),
        folder_(path, IfExists::resume),
        found_(newest_checkpoint(given)),
        is_over_(found_ && was_over()),
        events_(folder_.events_file(), problem.objective->dimension()),
        metrics_(folder_.metrics_file()),
        checkpoints_(
            CheckpointFolder(folder_.checkpoints()), describe_run(config, problem), schedule(config),
            [this](std::int64_t, const fs::path& file) {
              events_.record("checkpoint", file.filename().string());
            },
            [this] { metrics_.make_durable(); }),
        status_(folder_.status_file()) {
    if (is_over_) return;
    write_given({folder_.opened(), given_name}, given);
    folder_.write_config(keys, config.to_toml());
    write_provenance(folder_.provenance_file(), Provenance{});
  }

  const std::vector<std::string>& warnings() const { return folder_.warnings(); }
  std::optional<FoundCheckpoint>& found() { return found_; }

  /// The answer of a run that ended by the stop rules that it has now.
  std::optional<Outcome> outcome() const {
    if (!is_over_) return std::nullopt;
    const hdf5::File results = hdf5::File::open(folder_.results_file().open(O_RDONLY));
    Outcome outcome;
    outcome.reason = results.read_text_attribute("/", "reason");
    outcome.message = words_of_rule(outcome.reason);
    outcome.final_value = results.read_double_attribute("/", "final_value");
    outcome.solution = results.read_vector("/solution/theta");
    return outcome;
  }

  std::array<Observer*, 4> observers() { return {&metrics_, &checkpoints_, &events_, &status_}; }

  void end(const RunState& state, const Outcome& outcome) {
    metrics_.on_end(state, outcome);
    checkpoints_.on_end(state, outcome);
    if (outcome.solution.size() > 0)
      write_results(folder_.results_file(), folder_.metrics_file(), outcome.solution, outcome);
    events_.on_end(state, outcome);
    status_.on_end(state, outcome);
  }

 private:
  /// In the foreground: the caller computes gradients between two calls, and may be killed then.
  static CheckpointSchedule schedule(const Config& config) {
    CheckpointSchedule schedule = assemble_checkpoint_schedule(config);
    schedule.in_background = false;
    return schedule;
  }

  std::optional<FoundCheckpoint> newest_checkpoint(const GivenVectors& given) const {
    if (const auto stored = files::read_text_if_there(folder_.resolved_file())) {
      std::string text;
      for (const KeyDifference& difference :
           differing_keys(parse_config(*stored, folder_.resolved_file().string()), config_))
        text += fmt::format("{}{} ({} there, {} here)", text.empty() ? "" : ", ", difference.key,
                            difference.first, difference.second);
      const files::Place vectors(folder_.opened(), given_name);
      if (text.empty() && vectors.exists() &&
          hdf5::File::open(vectors.open(O_RDONLY)).read_vector("/initial") != given.start)
        text = "x0";
      if (!text.empty())
        throw OutputExistsError(fmt::format(
            "{}: holds a run of another configuration, which differs in: {}; choose another folder",
            folder_.path().string(), text));
    }
    return CheckpointFolder(folder_.checkpoints()).load_newest(expect_checkpoint(config_, problem_));
  }

  /// The stop rules count as well: with others the run goes on.
  bool was_over() const {
    if (!folder_.results_file().exists() ||
        files::read_text_if_there(folder_.resolved_file()) != config_.to_toml())
      return false;
    const hdf5::File results = hdf5::File::open(folder_.results_file().open(O_RDONLY));
    return results.read_text_attribute("/", "status") == "finished";
  }

  const Config& config_;
  const Problem& problem_;
  RunFolder folder_;
  std::optional<FoundCheckpoint> found_;
  bool is_over_;
  EventLog events_;
  MetricsWriter metrics_;
  CheckpointWriter checkpoints_;
  StatusWriter status_;
};

RecordedAskTell::RecordedAskTell(const std::string& keys, const std::string& name, GivenVectors given,
                                 const std::optional<fs::path>& folder, KnownHessian known)
    : config_(configuration(keys, name, given, absolute_folder(folder))),
      problem_(assemble_problem(config_)),
      known_(std::move(known)) {
  notes_ = config_.notes();
  RunState state;
  if (folder) {
    folder_ = std::make_unique<Folder>(*absolute_folder(folder), config_, problem_, keys, given);
    notes_.insert(notes_.end(), folder_->warnings().begin(), folder_->warnings().end());
  }
  if (folder_ && folder_->found()) {
    FoundCheckpoint& found = *folder_->found();
    notes_.insert(notes_.end(), found.warnings.begin(), found.warnings.end());
    state = std::move(found.checkpoint.state);
    over_ = folder_->outcome();
    if (over_) count_work(state, *over_);
    if (!over_) notes_.push_back(fmt::format("goes on after round {}", state.iteration));
    if (!over_ && !known_ && state.surrogate.begun() && state.surrogate->knows_hessian != 0)
      notes_.emplace_back(
          "known_hessian is missing, which this run had before: what it learnt without that part is "
          "forgotten");
  } else {
    const Vector start = assemble_start(config_, *problem_.objective, &notes_);
    ToldEvaluator nobody(start.size());
    state = assemble_method(config_, nobody)->initial_state(start);
  }
  run_ = std::make_unique<AskTell>(
      [this](Evaluator& evaluator) { return assemble_method(config_, evaluator, known_); }, std::move(state),
      assemble_stop_rules(config_));
  run_->on_round([this](const RunState& after, const IterationReport& report) {
    reports_.push_back(report);
    if (!folder_) return;
    for (Observer* const observer : folder_->observers()) observer->on_iteration(after, report);
  });
  if (folder_ && over_) folder_.reset();
  if (!folder_) return;
  for (Observer* const observer : folder_->observers()) observer->on_start(run_->state());
}

RecordedAskTell::~RecordedAskTell() = default;

std::vector<Question> RecordedAskTell::ask() {
  if (finished()) return {};
  std::vector<Question> open = run_->ask();
  if (run_->finished()) leave_folder(run_->outcome());
  return open;
}

void RecordedAskTell::tell(Index number, double value, ConstVectorRef gradient) {
  run_->tell(number, value, gradient);
}

void RecordedAskTell::tell_failed(Index number, const std::string& reason) {
  run_->tell_failed(number, reason);
}

bool RecordedAskTell::finished() const { return over_.has_value() || run_->finished(); }

const Outcome& RecordedAskTell::outcome() const { return over_ ? *over_ : run_->outcome(); }

std::vector<IterationReport> RecordedAskTell::take_reports() { return std::exchange(reports_, {}); }

void RecordedAskTell::stop(const std::string& reason, const std::string& message) {
  if (finished()) return;
  const RunState& state = run_->state();
  Outcome outcome;
  outcome.code = ExitCode::requeue;
  outcome.reason = reason;
  outcome.message = message;
  outcome.solution = state.best.theta.size() > 0 ? state.best.theta : state.theta;
  outcome.answer = state.best.theta.size() > 0 ? AnswerPoint::best_point : AnswerPoint::iterate;
  outcome.final_value = outcome.best_value = state.best.value;
  count_work(state, outcome);
  leave_folder(outcome);
  over_ = std::move(outcome);
}

/// Another run may have it from now on, however long this object is kept (by an exception's traceback).
void RecordedAskTell::leave_folder(const Outcome& outcome) {
  if (!folder_) return;
  folder_->end(run_->state(), outcome);
  folder_.reset();
}

}  // namespace optex
