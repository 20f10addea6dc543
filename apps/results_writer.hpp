#pragma once

#include "optex/core/objective.hpp"
#include "optex/driver/observer.hpp"
#include "optex/monitor/results.hpp"
#include "optex/monitor/run_folder.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace optex::app {

/// Writes results.h5 when all metrics are on disk and before the status says that the run is over.
class ResultsWriter final : public Observer {
 public:
  /// start: where the run began; empty when that is not known; outlives this.
  ResultsWriter(const RunFolder& folder, const Objective& objective, const Vector& start,
                std::function<void(const std::string&)> warn);
  void on_end(const RunState& run, const Outcome& outcome) override;

 private:
  /// They belong to the answer, which stands without them.
  std::vector<Exhibit> exhibits(const Vector& theta, const std::string& of_what) const;
  /// Of the start and of the checkpoints that are there, without what is the same as in the answer.
  std::vector<ExhibitFrame> earlier(const std::vector<Exhibit>& answer, std::int64_t last) const;

  const RunFolder& folder_;
  const Objective& objective_;
  const Vector& start_;
  std::function<void(const std::string&)> warn_;
};

}  // namespace optex::app
