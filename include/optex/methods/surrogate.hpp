#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/known_hessian.hpp"
#include "optex/core/units.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/chain_track.hpp"
#include "optex/methods/lbfgs_steps.hpp"
#include "optex/methods/method.hpp"
#include "optex/methods/surrogate_state.hpp"
#include "optex/surrogate/known_part.hpp"
#include "optex/surrogate/prior_scale.hpp"
#include "optex/surrogate/quadratic_model.hpp"
#include "optex/surrogate/round_plan.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// A model of the Hessian on N - 1 points a round, and L-BFGS on the last one: the rule for smooth functions
/// with exact gradients, which has no learning rate.
///
/// One point a round belongs to an L-BFGS that is never touched (the guard), so that no more rounds are
/// needed than it needs. The others come from the posterior of a Gaussian process with a quadratic kernel
/// (quadratic_model.hpp) about the best point: its minimisers within radii of trust, and probes about the
/// first of them (round_plan.hpp). From N = 4 on a chain of predicted steps (chain_track.hpp) has a share of
/// the points, by what paid (chain_share.hpp): far from the optimum, and among kinks, it is the one that gets
/// on. All points near the best one teach the model. A round may be closed without probes, never without the
/// guard's point, the model's first one and the chain's. The answer is the best point.
class Surrogate final : public Method {
 public:
  struct Options {
    Index parallelism = 4;  ///< N >= 2: points evaluated in a round
    Index history = 0;      ///< T0, pairs; 0: default_history()
    double quorum = 1.0;    ///< fraction of a round's points after which it may be closed (quorum.hpp)
    std::uint64_t seed = 0;
    Bounds bounds = {};
    Units units = {};  ///< of the model
    /// Of F: the pairs teach only the rest. Unset: nothing is known.
    KnownHessian known_hessian = {};
    bool chain = true;            ///< from N = 4 on; without: the model and the guard alone
    ModelRules model = {};        ///< metric_pairs, likelihood_pairs: 2 N and 6 N at least
    bool learns_diagonal = true;  ///< learnt_diagonal.hpp; without: as in the prototype
  };
  static constexpr Index guard_memory = 60;  ///< pairs of the guard

  Surrogate(Evaluator& evaluator, Options options);

  /// 300, or fewer where their rows would take more than 2 GB; 6 N and 60 at least.
  static Index default_history(Index parallelism, Index dimension);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  bool theta_is_free(const RunState&) const override { return false; }
  bool stands_at_best(const RunState&) const override { return true; }
  std::optional<Ending> finished(const RunState& run) const override;

 private:
  struct Plan;
  Plan plan(const RunState& run) const;
  std::optional<KnownPart> known_at(ConstVectorRef position, double value_unit, const Vector& mask) const;
  void heed_known(RunState& run) const;
  bool leave_known_out(std::vector<SecantPair>& pairs, double value_unit) const;
  std::unique_ptr<const PriorScale> prior(const RunState& run, const KnownPart* known) const;
  std::vector<Evaluation> evaluate(RunState& run, Plan& round, IterationReport& report) const;
  Closing closing(const RunState& run, const Plan& round) const;
  static void take_late_as_points(RunState& run, Plan& round, std::vector<Evaluation>& truth,
                                  std::vector<LateAnswer>& late);
  void book(RunState& run, const Plan& round, const std::vector<Evaluation>& truth,
            const std::vector<bool>& usable, IterationReport& report) const;
  void tell_chain(SurrogateState& state, const Plan& round, const std::vector<Evaluation>& truth,
                  const std::vector<bool>& usable, bool first) const;
  void take_in(RunState& run, Plan& round, const std::vector<Evaluation>& truth,
               const std::vector<bool>& usable, IterationReport& report) const;
  void begin_state(RunState& run, const Evaluation& start) const;
  void learn(RunState& run, const Plan& round, std::vector<SecantPair> pairs, ConstVectorRef centre) const;
  void judge(SurrogateState& state, const RoundPlan& plan, const std::vector<Evaluation>& truth,
             const std::vector<bool>& usable, double best_before) const;
  void share_out(RunState& run, const std::string& won, bool chain_had_points) const;
  Vector counting(const RunState& run) const;
  /// So many pairs a prior is fitted to.
  Index near_pairs() const { return 3 * options_.parallelism; }

  Evaluator& evaluator_;
  Options options_;
  LbfgsSteps guard_;
  ChainTrack chain_;
};

}  // namespace optex
