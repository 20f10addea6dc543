#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/objective.hpp"
#include "optex/driver/driver.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optex::app {

/// How rank 0 is to evaluate with the others.
struct EvaluatorWishes {
  bool coordinator_evaluates = true;  ///< rank 0 computes gradients too
  bool by_shard = false;              ///< every rank has the data of its own shards only
  bool goes_on_without_lost = false;  ///< failure.lost_rank = "continue"
  std::function<void(int rank, const std::string& text)> on_lost = {};
  std::function<bool()> interrupted = {};  ///< asked within rounds; true breaks one off
};

/// The ranks of a run, as the experiment sees them. Every member is called by all ranks together unless it
/// says otherwise. Two programs stand behind it: ranks_mpi.cpp, and ranks_alone.cpp for a build without MPI.
class Ranks {
 public:
  virtual ~Ranks() = default;

  virtual int rank() const = 0;
  bool is_first() const { return rank() == 0; }

  /// Runs a step that may fail on some ranks, then all go on or all leave with the first failure.
  virtual void agree_on(const std::function<void()>& step) = 0;
  /// Runs what all ranks do together. Nothing when it went well, the failure when all agreed on one; the
  /// ranks may then go on together. Every other failure passes through.
  virtual std::optional<Error> attempt(const std::function<void()>& program) = 0;
  /// Rank 0's text on every rank.
  virtual std::string share(const std::string& text) = 0;
  /// All ranks leave unless each has rank 0's facts.
  virtual void check_same(const std::vector<std::pair<std::string, std::string>>& facts) = 0;
  /// All ranks leave unless each computes its own answers (optex/distributed/independence.hpp). `theta`:
  /// length d, the same on all.
  virtual void check_independent(const Objective& objective, ConstVectorRef theta) = 0;
  /// How long a rank may be silent from here on, in seconds.
  virtual void set_stall_seconds(double seconds) = 0;

  /// From here on so many neighbouring ranks are one worker, and only their first one evaluates and serves
  /// for it. Throws LaunchError when the ranks cannot be divided like that.
  virtual void form_workers(int ranks_per_worker) = 0;
  /// The objective as the run is to use it: with workers of several ranks, calls reach all of them.
  virtual std::unique_ptr<const Objective> of_worker(std::unique_ptr<const Objective> own) = 0;

  /// Rank 0 only, while the others are in serve(); lets them go when it is destroyed.
  virtual std::unique_ptr<Evaluator> evaluator(const Objective& objective, const EvaluatorWishes& wishes) = 0;
  /// Rank 0 only, while that evaluator lives: how long each rank has computed; empty when nobody counts.
  virtual std::vector<double> busy_seconds() const = 0;
  /// All others: work for rank 0's evaluator until that is gone.
  virtual void serve(const Objective& objective) = 0;

  /// From here on the first ranks hold slices of vectors of `whole` coordinates, as many ranks as can; none
  /// where that would be one.
  virtual void form_slices(Index whole) = 0;
  /// Null on ranks that hold none.
  virtual CoordinateSlices* slices() = 0;
  /// Those that do, but for rank 0: as serve(), until rank 0 calls for a step of all of them; nothing when
  /// its evaluator is gone.
  virtual std::optional<JointStep> serve_until_called(const Objective& objective) = 0;

  /// One text of every rank, by rank, on rank 0; empty elsewhere.
  virtual std::vector<std::string> gather(const std::string& mine) = 0;
  /// From any thread: the ranks of this one's host that have died: "rank 3 (host)".
  virtual std::vector<std::string> dead_ranks() const = 0;
  /// The same of the next rank on this host.
  virtual std::optional<std::string> dead_neighbour() const = 0;
  /// "rank 3 (host)" of this rank when it sees no other one on its host.
  virtual std::optional<std::string> alone_on_host() const = 0;
  /// Rank 0 only: "host" by rank.
  virtual std::vector<std::string> hosts() const = 0;
  /// One line; empty without MPI.
  virtual std::string mpi_library() const = 0;
  /// Rank 0 only: ends all ranks now, whatever they do. From any thread.
  [[noreturn]] virtual void end_all(int code) = 0;
  /// Rank 0 only: what a signal asked for since the last call.
  virtual Interruption interruption() = 0;
};

/// What a signal asks of a run: USR1 save and stop, USR2 save and go on, TERM and INT stop.
Interruption interruption_of(std::optional<int> signal);

/// Tells this process's objective, and the programs that it starts, where they are: OPTEX_WORKER (this
/// worker, which is this rank unless several make one), OPTEX_WORKERS (how many there are), OPTEX_LOCAL_RANK
/// (number among those on this host), OPTEX_HOSTS (hosts of this worker, with commas between them) in the
/// environment.
void tell_place(int rank, const std::vector<std::string>& host_of_rank, int ranks_per_worker = 1);

/// Starts up, runs `program` on every rank and returns the exit code of this one. Errors are told once.
int on_all_ranks(const std::function<int(Ranks&)>& program);

}  // namespace optex::app
