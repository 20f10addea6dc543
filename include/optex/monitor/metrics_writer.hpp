#pragma once

#include "optex/driver/observer.hpp"
#include "optex/hdf5/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace optex {

/// metrics.jsonl: one line of JSON a round, written at once, so that others can follow a run while it goes.
/// NaN and infinities are null. Rounds after which the quality of the answer was measured carry it as an
/// object `quality`. The last line also gets `final_value`.
class MetricsWriter : public Observer {
 public:
  explicit MetricsWriter(std::filesystem::path file) : file_(std::move(file)) {}

  /// Drops the lines beyond run.iteration, which belong to rounds that will be done again, and half-written
  /// ones.
  void on_start(const RunState& run) override;
  void on_iteration(const RunState& run, const IterationReport& report) override;
  void on_end(const RunState& run, const Outcome& outcome) override;

 private:
  std::filesystem::path file_;
  std::unique_ptr<hdf5::Descriptor> out_;
};

/// Cuts a metrics file to the rounds 1 ... iteration, as if the run had just finished that round. Returns how
/// many of them it holds; less than `iteration` when lines were lost. A missing file has none.
std::int64_t cut_metrics(const std::filesystem::path& file, std::int64_t iteration);

}  // namespace optex
