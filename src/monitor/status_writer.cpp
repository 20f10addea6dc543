#include "optex/monitor/status_writer.hpp"

#include "optex/files/replacement_file.hpp"
#include "optex/text/host_name.hpp"

#include <cmath>
#include <random>
#include <utility>

#include "json.hpp"
#include <fmt/format.h>
#include <unistd.h>

namespace optex {
namespace {

constexpr std::size_t most_ranks_while_running = 1024;

/// Of this start and no other.
std::string random_name() {
  std::random_device source;
  return fmt::format("{:08x}{:08x}", source(), source());
}

}  // namespace

std::string status_of(const Outcome& outcome) {
  if (outcome.code == ExitCode::requeue || outcome.reason == "signal") return "stopped";
  return outcome.code == ExitCode::success ? "finished" : "failed";
}

StatusWriter::StatusWriter(files::Place file, std::function<std::vector<double>()> busy_seconds)
    : file_(std::move(file)),
      busy_seconds_(std::move(busy_seconds)),
      started_(utc_time()),
      start_id_(random_name()),
      host_(host_name()) {}

void StatusWriter::follow(const RunState& run) {
  const std::lock_guard lock(mutex_);
  progress_.iteration = run.iteration;
  progress_.evaluations = run.evaluations;
  progress_.best_value = run.best.value;
  progress_.seconds = run.seconds;
}

void StatusWriter::on_start(const RunState& run) {
  follow(run);
  {
    const std::lock_guard lock(mutex_);
    progress_.first_seconds = run.seconds;
  }
  write(nullptr);
}

void StatusWriter::on_iteration(const RunState& run, const IterationReport& report) {
  follow(run);
  {
    const std::lock_guard lock(mutex_);
    progress_.value = report.value;
    progress_.rule = report.choice;
  }
  if (since_write_.seconds() >= 1.0) write(nullptr);
}

void StatusWriter::refresh(const RunState& run) {
  follow(run);
  write(nullptr);
}

void StatusWriter::on_end(const RunState& run, const Outcome& outcome) {
  follow(run);
  end(outcome);
}

void StatusWriter::end(const Outcome& outcome) {
  {
    const std::lock_guard lock(mutex_);
    progress_.best_value = std::fmin(progress_.best_value, outcome.best_value);
    ended_ = true;
  }
  try {
    write(&outcome);
  } catch (const IoError& refused) {
    // The caller fails with it: the next try, should it be taken, must say so, and no longer "running".
    Outcome failed = outcome;
    if (failed.code == ExitCode::success) {
      failed.code = refused.code();
      failed.reason = "error";
      failed.message = refused.what();
    }
    write(&failed);
    throw;
  }
}

void StatusWriter::foretell(const Outcome& outcome) {
  const std::lock_guard lock(mutex_);
  if (!ended_) replace(&outcome, {}, files::Durability::process);
}

void StatusWriter::note(const std::string& line) {
  constexpr std::size_t most = 8;
  const std::lock_guard lock(mutex_);
  if (diagnosis_.size() == most) diagnosis_.erase(diagnosis_.begin());
  diagnosis_.push_back(line);
}

void StatusWriter::write(const Outcome* outcome) {
  const std::vector<double> busy = busy_seconds_ ? busy_seconds_() : std::vector<double>();
  const std::lock_guard lock(mutex_);
  replace(outcome, busy, outcome == nullptr ? files::Durability::process : files::Durability::machine);
  since_write_ = Stopwatch();
}

/// With the mutex held.
void StatusWriter::replace(const Outcome* outcome, const std::vector<double>& busy,
                           files::Durability durability) {
  Json status = {
      {"state", outcome == nullptr ? "running" : status_of(*outcome)},
      {"reason", outcome == nullptr ? Json() : Json(outcome->reason)},
      {"iteration", progress_.iteration},
      {"value", progress_.value},
      {"best_value", progress_.best_value},
      {"final_value", outcome == nullptr ? Json() : Json(outcome->final_value)},
      {"answer", outcome == nullptr ? Json() : Json(name_of(outcome->answer))},
      {"measures", outcome == nullptr ? Json::object() : to_json(outcome->measures)},
      {"evaluations", progress_.evaluations},
      {"seconds", progress_.seconds},
      {"exit_code", outcome == nullptr ? Json() : Json(static_cast<int>(outcome->code))},
      {"message", outcome == nullptr ? "" : outcome->message},
      {"rule", progress_.rule},
      {"warnings", outcome == nullptr ? Json::array() : Json(outcome->warnings)},
      {"diagnosis", diagnosis_},
      {"started", started_},
      {"start_id", start_id_},
      {"updated", utc_time()},
      {"pid", names_process_ ? Json(::getpid()) : Json()},
      {"host", host_},
  };
  // Once a second is too often for a list of thousands.
  if (!busy.empty() && (outcome != nullptr || busy.size() <= most_ranks_while_running)) {
    Json list = Json::array();
    for (const double seconds : busy) list.push_back(std::round(1e6 * seconds) * 1e-6);
    status["ranks"] = {{"seconds", progress_.seconds - progress_.first_seconds}, {"busy_seconds", list}};
  }
  files::replace_text(file_, to_page(status), durability);
}

}  // namespace optex
