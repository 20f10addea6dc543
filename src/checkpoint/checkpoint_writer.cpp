#include "optex/checkpoint/checkpoint_writer.hpp"

#include <utility>

namespace optex {

CheckpointWriter::CheckpointWriter(CheckpointFolder folder, RunDescription run, CheckpointSchedule schedule,
                                   std::function<void(std::int64_t, const std::filesystem::path&)> written)
    : folder_(std::move(folder)), run_(std::move(run)), schedule_(schedule), written_(std::move(written)) {}

void CheckpointWriter::on_start(const RunState& run) {
  folder_.prepare();
  // A resumed run starts from a state that is on disk already.
  if (run.iteration > 0 && std::filesystem::exists(folder_.file(run.iteration)))
    saved_iteration_ = run.iteration;
  since_last_ = Stopwatch();
}

void CheckpointWriter::on_iteration(const RunState& run, const IterationReport&) {
  last_seconds_ = 0.0;
  const bool round_due = schedule_.iterations && run.iteration % *schedule_.iterations == 0;
  const bool time_due = schedule_.seconds && since_last_.seconds() >= *schedule_.seconds;
  if (round_due || time_due) save(run);
}

void CheckpointWriter::on_checkpoint(const RunState& run) {
  if (saved_iteration_ != run.iteration) save(run);
}

void CheckpointWriter::on_end(const RunState& run, const Outcome& outcome) {
  const bool failed_at_once = run.iteration == 0 && outcome.reason == "error";
  if (saved_iteration_ != run.iteration && !failed_at_once && !failed_) save(run);
}

void CheckpointWriter::save(const RunState& run) {
  const Stopwatch watch;
  const std::filesystem::path file = folder_.file(run.iteration);
  failed_ = true;  // until it is not
  save_checkpoint(file, run, run_);
  saved_iteration_ = run.iteration;
  folder_.prune(run.iteration, schedule_.keep);
  failed_ = false;
  since_last_ = Stopwatch();
  last_seconds_ += watch.seconds();
  if (written_) written_(run.iteration, file);
}

}  // namespace optex
