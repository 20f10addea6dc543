#include "lookers_on.hpp"

#include "optex/setup/contents.hpp"

#include <exception>
#include <filesystem>
#include <utility>

namespace optex::app {
namespace {

RunDescription description_of(const LookedAt& run) {
  RunDescription description = describe_run(run.config, run.problem);
  if (run.found != nullptr)
    description.coordinate_files =
        hashes_with_kept(description.coordinate_files, run.found->checkpoint.run.coordinate_files);
  return description;
}

CheckpointSchedule schedule_of(const LookedAt& run) {
  CheckpointSchedule schedule = assemble_checkpoint_schedule(run.config);
  schedule.in_background = run.ranks.slices() == nullptr;
  return schedule;
}

Diagnosis::Gradients gradients_of(const Objective& objective) {
  if (objective.initial_state().size() > 0) return Diagnosis::Gradients::of_a_moving_f;
  return objective.is_noisy() ? Diagnosis::Gradients::drawn : Diagnosis::Gradients::exact;
}

/// Where nobody would catch it: in a thread that looks on, or while the process ends.
template <class Step>
void try_to(Step step) {
  try {
    step();
  } catch (const std::exception&) {
    // What can be told otherwise is.
  }
}

}  // namespace

LookersOn::LookersOn(const LookedAt& run)
    : console_(run.console),
      events_(run.events),
      metrics_(run.folder.metrics_file(), run.warn,
               [&folder = run.folder, expectation = run.expectation](std::int64_t round) {
                 return CheckpointFolder(folder.checkpoints()).examine(round, expectation);
               }),
      checkpoints_(
          CheckpointFolder(run.folder.checkpoints()), description_of(run), schedule_of(run),
          [this](std::int64_t, const std::filesystem::path& file) {
            events_.record("checkpoint", file.filename().string());
          },
          [this] {
            events_.make_rounds_durable();
            metrics_.make_durable();
          },
          run.ranks.slices()),
      results_(run.folder, *run.problem.objective, run.start, run.warn),
      status_(run.folder.status_file(), [&ranks = run.ranks] { return ranks.busy_seconds(); }),
      diagnosis_([this](const std::string& line) { diagnose(line); }, gradients_of(*run.problem.objective)),
      slow_rank_([&ranks = run.ranks] { return ranks.busy_seconds(); }, run.ranks.hosts(),
                 [this](const std::string& line) { diagnose(line); }) {}

std::vector<Observer*> LookersOn::all() {
  return {&metrics_, &checkpoints_, &results_, &events_, &status_, &console_, &diagnosis_, &slow_rank_};
}

void LookersOn::end_early(const RunState& state, const Outcome& early) {
  for (Observer* const observer : {static_cast<Observer*>(&status_), static_cast<Observer*>(&events_),
                                   static_cast<Observer*>(&console_)})
    try_to([&] { observer->on_end(state, early); });
}

void LookersOn::foretell(const Outcome& end) {
  try_to([&] { status_.foretell(end); });
}

void LookersOn::diagnose(const std::string& line) {
  console_.message(LogLevel::warning, line);
  status_.note(line);
  events_.record("diagnosis", line);
}

}  // namespace optex::app
