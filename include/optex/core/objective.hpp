#pragma once

#include "optex/core/known_hessian.hpp"
#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"

#include <string>
#include <utility>
#include <vector>

namespace optex {

/// One number that says how good a solution is in the problem's own terms (accuracy, perplexity, ...).
struct Measure {
  std::string name;
  double value = 0.0;
};

/// How an Exhibit is looked at.
enum class ExhibitKind {
  table,        ///< numbers
  field,        ///< a heat map with a colour bar; row 0 is at the top, as matrices are written
  image,        ///< in shades of grey; row 0 is at the top
  curve,        ///< lines over column 0, or over the row's number when there is one column
  field_lower,  ///< a field whose row 0 is at the bottom, as y grows
};

/// Something that helps people to look at an answer, such as the field that a parameter vector stands for.
/// What is NaN is left blank.
struct Exhibit {
  std::string name;
  Index rows = 0, columns = 0;
  Vector values;  ///< row by row
  ExhibitKind kind = ExhibitKind::table;
  std::string unit = {};   ///< of the values: "W/(m K)"
  std::string truth = {};  ///< name of the exhibit that this one should be
};

/// "table", "field", "image", "curve", "field_lower".
inline const char* name_of(ExhibitKind kind) {
  switch (kind) {
    case ExhibitKind::field:
      return "field";
    case ExhibitKind::image:
      return "image";
    case ExhibitKind::curve:
      return "curve";
    case ExhibitKind::field_lower:
      return "field_lower";
    case ExhibitKind::table:
      break;
  }
  return "table";
}

/// What `exhibit`, which is made to point there, should be; as many values.
inline Exhibit truth_for(Exhibit& exhibit, Vector values) {
  exhibit.truth = "true " + exhibit.name;
  return {exhibit.truth, exhibit.rows, exhibit.columns, std::move(values), exhibit.kind, exhibit.unit, {}};
}

/// What is minimised: F(theta) = sum over shards j of F_j(theta), theta of length d.
///
/// Derive from this to bring your own problem. All member functions are const and may be called from several
/// ranks for different shards; none of them may use a random number that the key does not determine. Failing
/// is done by throwing: the run then names the point, the shard and the rank.
class Objective {
 public:
  virtual ~Objective() = default;

  /// Length d of theta.
  virtual Index dimension() const = 0;

  /// Number S of shards. Fixed by the configuration, never by the number of ranks.
  virtual Index shard_count() const { return 1; }

  /// Where a run starts unless the configuration says otherwise; length d.
  virtual Vector initial_point() const { return Vector::Zero(dimension()); }

  /// Writes the gradient of F_shard at theta into `gradient` (length d, every entry is written) and returns
  /// F_shard(theta). `key` names the mini-batch or noise draw; with `key.whole` the exact F_shard is wanted.
  virtual double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                    VectorRef gradient) const = 0;

  /// What is known of F's Hessian at theta without work: that of a regularisation, the sparse part of a
  /// Gauss-Newton matrix. The rule `surrogate` takes it for its prior and learns only what it misses. Entries
  /// of one place are added; the matrix may be a guess, and need not be definite. Empty: nothing is known.
  /// Throws InfeasiblePoint, or gives a number that is not finite, where it has no value: between points it
  /// is asked for where F was not. Called on rank 0 each round; `parallel.spread_history` refuses it.
  virtual std::vector<HessianEntry> known_hessian(ConstVectorRef theta) const {
    (void)theta;
    return {};
  }

  /// What the objective carries from round to round: a replay buffer, a target network. Empty, unless F moves
  /// while it is minimised. `optex run` keeps it in RunState, so that it is stored with the run; minimize()
  /// leaves F where it is.
  virtual Vector initial_state() const { return {}; }
  /// Makes `state` that of the next round; `theta` is the iterate after this one. A function of its arguments
  /// alone. Called on rank 0 after each round, when there is a state.
  virtual void advance(ConstVectorRef theta, Vector& state) const {
    (void)theta;
    (void)state;
  }
  /// Evaluate under this state from now on. Called on every rank, between rounds.
  virtual void renew(ConstVectorRef state) const { (void)state; }

  /// True when the answer depends on the key (mini-batches, noise).
  virtual bool is_noisy() const { return false; }

  /// Solution quality on data that is not used for gradients. Called at the end of a run and every
  /// `log.quality_every` rounds, on rank 0; never counted as gradient work.
  virtual std::vector<Measure> assess(ConstVectorRef theta) const {
    (void)theta;
    return {};
  }

  /// What results.h5 and `optex report` shall show beside the solution: theta is the solution, or where the
  /// run started or a checkpoint was kept. Called at the end of a run, on rank 0.
  virtual std::vector<Exhibit> exhibits(ConstVectorRef theta) const {
    (void)theta;
    return {};
  }
};

/// The objective must outlive it.
inline KnownHessian known_hessian_of(const Objective& objective) {
  return [&objective](ConstVectorRef theta) { return objective.known_hessian(theta); };
}

}  // namespace optex
