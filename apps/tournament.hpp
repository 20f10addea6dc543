#pragma once

#include "optex/comparison/comparison.hpp"
#include "optex/comparison/measured_run.hpp"
#include "optex/comparison/record_file.hpp"
#include "optex/monitor/run_folder.hpp"
#include "optex/setup/contenders.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment.hpp"
#include "ranks.hpp"

namespace optex::app {

/// What the command line of `optex compare` asks for.
struct TournamentOptions {
  std::vector<std::string> methods = {};  ///< empty: the usual ones
  bool tune = true;
  std::vector<double> grid = {};           ///< learning rates; empty: about the configured one
  std::vector<double> targets = {};        ///< values of F; empty: from vanilla
  std::optional<std::int64_t> seeds = {};  ///< runs a method; 1 of exact problems, 3 of noisy ones
  std::optional<std::int64_t> every = {};  ///< rounds between two measurements
  IfExists if_exists = IfExists::refuse;
  std::vector<std::string> command_line = {};  ///< for the record
};

/// Rank 0's side of a comparison: runs every method on one problem, each at its best learning rate.
class Tournament {
 public:
  /// Settles everything that can be wrong and makes the folder. Throws as `optex run` does.
  Tournament(const TournamentOptions& options, const Scene& scene, Ranks& ranks);

  /// Runs what has not been run yet, writes the findings and prints them. `requeue` when a signal came:
  /// finished runs are kept then.
  ExitCode run(Evaluator& evaluator);

 private:
  struct Entry {
    ContenderConfig contender;
    std::vector<double> rates;  ///< to try; one is no choice, none: the method has no learning rate
  };
  struct Settled {
    std::optional<double> rate;
    bool at_edge = false;
    TuningCost tuning;
    std::vector<RunRecord> runs;  ///< all that were made to choose
    std::size_t best = 0;
  };

  Entry entry_for(const std::string& name) const;
  void choose_contenders();
  void refuse_another_comparison() const;
  Comparison compare(Evaluator& evaluator);
  Settled settle(Evaluator& evaluator, const Entry& entry);
  Contender play(Evaluator& evaluator, const Entry& entry, const Settled& settled);
  RunRecord run_once(Evaluator& evaluator, const Entry& entry, std::optional<double> rate, std::int64_t seed,
                     std::optional<std::int64_t> round_limit);
  MeasureOptions measuring(const Entry& entry, std::optional<std::int64_t> round_limit) const;
  const Vector& start_of(std::int64_t seed);
  void say(const std::string& line) const;

  TournamentOptions options_;
  const Config& config_;
  const Problem& problem_;
  const DataShare* share_;  ///< of rank 0, when ranks keep their own shards only
  Ranks& ranks_;
  bool noisy_;
  std::int64_t first_seed_, seeds_, tuning_seed_;
  Index batches_ = 0;
  std::int64_t every_ = 1;
  std::vector<Entry> entries_;
  std::optional<Entry> reference_;  ///< vanilla, when only the targets need it
  std::vector<double> targets_;     ///< descending; empty until they are known
  std::map<std::int64_t, Vector> starts_;
  RunFolder folder_;
  RecordFile records_;
};

}  // namespace optex::app
