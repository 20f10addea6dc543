#pragma once

#include "optex/core/forwarding_objective.hpp"
#include "optex/distributed/communicator.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// An objective that is itself parallel: R neighbouring ranks of a job are one worker and compute each answer
/// together. Their first one, the leader, takes part in the run like any single rank; the others assist it.
namespace optex {

/// The ranks of this rank's worker, and the leaders of all workers. Made by all ranks of the parent together.
class WorkerGroup {
 public:
  /// Throws LaunchError when the ranks of the parent cannot be divided by R = ranks_per_worker.
  WorkerGroup(MPI_Comm parent, int ranks_per_worker);
  ~WorkerGroup();
  WorkerGroup(const WorkerGroup&) = delete;
  WorkerGroup& operator=(const WorkerGroup&) = delete;

  bool leads() const { return leads_; }
  /// For the objective's own messages; nothing of ours travels on it.
  const MPI_Comm& members() const { return members_; }
  /// The leaders, in the order of their ranks; MPI_COMM_NULL on the others.
  MPI_Comm leaders() const { return leaders_; }

 private:
  MPI_Comm members_ = MPI_COMM_NULL;
  MPI_Comm leaders_ = MPI_COMM_NULL;
  bool leads_ = true;
};

/// The leader's side: hands every call on to the members, which make it at the same time. Value and gradient
/// are the leader's. When any of them throws, the answer is the failure of the first that did.
///
/// An objective must fail on all of its ranks or reach the end of its own exchanges on all of them: nobody
/// can fetch a rank out of a message that never comes.
class GroupObjective final : public ForwardingObjective {
 public:
  /// `communicator`, which must outlive this object, is that of the members, made for this purpose.
  GroupObjective(Communicator& communicator, std::unique_ptr<const Objective> own)
      : ForwardingObjective(std::move(own)), communicator_(communicator) {}

  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  std::vector<Measure> assess(ConstVectorRef theta) const override;
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override;

  /// Lets the members go. To be called once, when nothing more will be asked.
  void release() const;

 private:
  Communicator& communicator_;
};

/// A member's side: does what the leader asks until it is let go.
void assist(Communicator& communicator, const Objective& objective);

}  // namespace optex
