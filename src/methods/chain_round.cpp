#include "optex/methods/chain_round.hpp"

#include "optex/estimation/model_in_units.hpp"
#include "optex/methods/depths.hpp"
#include "optex/methods/remember.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <utility>

namespace optex {

ChainRound::ChainRound(RunState& run, Evaluator& evaluator, const Optimizer& optimizer,
                       const Estimator& estimator, const ChainRules& rules)
    : run_(run),
      evaluator_(evaluator),
      optimizer_(optimizer),
      estimator_(estimator),
      rules_(rules),
      ready_(estimator.is_ready(run.history)),
      points_(points_this_round(run, rules.parallelism)) {}

/// Called when the first point has left.
const GradientModel* ChainRound::fit() {
  report_.seconds_in.chain = watch_.lap();
  if (!ready_) return nullptr;
  fitted_ = estimator_.fit(run_.history);
  model_ = std::make_unique<ModelInUnits>(*fitted_, rules_.units);
  report_.lengthscale = model_->lengthscale();
  report_.nugget = model_->nugget();
  report_.seconds_in.fit = watch_.lap();
  return model_.get();
}

void ChainRound::walk(Index reach, bool keep_states) {
  const std::vector<Index> depths = ready_ ? evaluated_depths(points_, reach) : std::vector<Index>{0};
  evaluator_.begin({std::ssize(depths), still_wanted(run_, rules_.seed)});
  SampleKey key{.seed = rules_.seed, .iteration = run_.iteration};
  const auto submit = [&](std::shared_ptr<const Vector> point) {
    evaluator_.submit({key, std::move(point)});
    ++key.point;
  };
  chain_ = walk_chain(
      run_.theta, run_.optimizer, [this] { return fit(); }, optimizer_, depths, keep_states, submit);
  report_.seconds_in.chain += watch_.lap();
}

void ChainRound::close() {
  closed_ = close_round(chain_, run_, rules_.quorum, evaluator_);
  report_.seconds_in.evaluate = closed_.times.evaluate;
  report_.seconds_in.wait = closed_.times.wait;
  watch_.lap();
  usable_ = usable_truth(truth(), run_);
  late_ = take_late(run_, closed_.late, report_);
  record_truth(
      truth(), usable_, [this](std::size_t i) -> Eigen::Ref<const Vector> { return *chain_.points[i]; },
      rules_.bounds, run_, report_);
  report_predictions(chain_, truth(), usable_, report_);
  report_.reach = chain_.depths.back();
  model_.reset();
  fitted_.reset();
}

void ChainRound::remember(double ceiling) {
  std::vector<NewPair> pairs =
      worth_remembering(late_, run_.history, std::count(usable_.begin(), usable_.end(), true), ceiling);
  for (std::size_t i = 0; i < chain_.points.size(); ++i) {
    const Evaluation& found = truth()[i];
    if (usable_[i]) pairs.push_back({*chain_.points[i], found.gradient, found.value, run_.iteration});
    if (found.outstanding) add_outstanding(run_, static_cast<Index>(i), *chain_.points[i]);
  }
  optex::remember(run_, pairs, rules_.bounds, rules_.units);
}

ReplayResult ChainRound::replay_with_truth(double ceiling, double tolerance) {
  std::unique_ptr<GradientModel> fitted, model;
  if (ready_) {
    fitted = estimator_.fit(run_.history);
    model = std::make_unique<ModelInUnits>(*fitted, rules_.units);
  }
  return replay_arrived(run_, chain_.depths, truth(), usable_, model.get(), optimizer_,
                        {ceiling, tolerance, rules_.bounds});
}

IterationReport ChainRound::report(const char* update, Index accepted) {
  report_.update = update;
  report_.accepted = accepted;
  report_.iteration = ++run_.iteration;
  report_.seconds_in.update = watch_.lap();
  return std::move(report_);
}

}  // namespace optex
