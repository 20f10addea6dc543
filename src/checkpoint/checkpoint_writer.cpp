#include "optex/checkpoint/checkpoint_writer.hpp"

#include <cassert>
#include <utility>

namespace optex {

CheckpointWriter::CheckpointWriter(CheckpointFolder folder, RunDescription run, CheckpointSchedule schedule,
                                   std::function<void(std::int64_t, const std::filesystem::path&)> written,
                                   std::function<void()> before, CoordinateSlices* slices)
    : folder_(std::move(folder)),
      run_(std::move(run)),
      schedule_(schedule),
      written_(std::move(written)),
      before_(std::move(before)),
      slices_(slices) {
  assert(slices == nullptr || !schedule.in_background);
}

void CheckpointWriter::on_start(const RunState& run) {
  folder_.prepare();
  // A resumed run starts from a state that is on disk already.
  const std::vector<std::int64_t> there = folder_.iterations();
  own_ = {there.begin(), there.end()};
  if (run.iteration > 0 && own_.contains(run.iteration)) saved_iteration_ = run.iteration;
  since_last_ = Stopwatch();
}

void CheckpointWriter::on_iteration(const RunState& run, const IterationReport&) {
  last_seconds_ = 0.0;
  const bool round_due = schedule_.iterations && run.iteration % *schedule_.iterations == 0;
  const bool time_due = schedule_.seconds && since_last_.seconds() >= *schedule_.seconds;
  if (!round_due && !time_due) return;
  if (schedule_.in_background)
    start(run);
  else
    save(run);
}

void CheckpointWriter::on_checkpoint(const RunState& run) {
  finish();
  if (saved_iteration_ != run.iteration) save(run);
}

void CheckpointWriter::on_end(const RunState& run, const Outcome& outcome) {
  finish();
  if (slices_ != nullptr && outcome.code == ExitCode::stall)
    return;                                        // somebody is silent who has a part of it
  if (outcome.code == ExitCode::internal) return;  // the state may be that of half a round
  const bool failed_at_once = run.iteration == 0 && outcome.reason == "error";
  if (saved_iteration_ != run.iteration && !failed_at_once && !failed_) save(run);
}

void CheckpointWriter::write(const RunState& run) {
  if (before_) before_();
  folder_.save(run, run_, own_, schedule_.keep, slices_);
}

void CheckpointWriter::save(const RunState& run) {
  finish();
  const Stopwatch watch;
  failed_ = true;  // until it is not
  write(run);
  last_seconds_ += watch.seconds();
  conclude(run.iteration);
}

void CheckpointWriter::start(const RunState& run) {
  finish();
  failed_ = true;
  pending_iteration_ = run.iteration;
  pending_ = std::async(std::launch::async, [this, &run] { write(run); });
}

void CheckpointWriter::finish() {
  if (!pending_.valid()) return;
  const Stopwatch watch;
  pending_.get();
  last_seconds_ += watch.seconds();
  conclude(pending_iteration_);
}

void CheckpointWriter::conclude(std::int64_t iteration) {
  failed_ = false;
  saved_iteration_ = iteration;
  since_last_ = Stopwatch();
  if (written_) written_(iteration, folder_.file(iteration));
}

}  // namespace optex
