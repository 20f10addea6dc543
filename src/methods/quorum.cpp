#include "optex/methods/quorum.hpp"

#include "optex/methods/truth.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace optex {

Index answers_to_close(double quorum, Index submitted) {
  constexpr double rounding = 1e-9;  // 0.1 x 30 is 3
  const double answers = std::ceil(quorum * static_cast<double>(submitted) - rounding);
  return std::clamp<Index>(static_cast<Index>(answers), 1, std::max<Index>(1, submitted));
}

Index points_this_round(const RunState& run, Index parallelism) {
  return std::max<Index>(1, parallelism - run.outstanding.count());
}

std::vector<Point> still_wanted(const RunState& run, std::uint64_t seed) {
  const OutstandingPoints& waiting = run.outstanding;
  std::vector<Point> wanted;
  for (Index k = 0; k < waiting.count(); ++k)
    wanted.push_back(point_at({.seed = seed,
                               .iteration = static_cast<std::int64_t>(waiting.iterations[k]),
                               .point = static_cast<std::int32_t>(waiting.points[k])},
                              waiting.thetas.col(k)));
  return wanted;
}

Round close_round(const ProxyChain& chain, const RunState& run, double quorum, Evaluator& evaluator) {
  Closing how;
  if (quorum < 1.0 || run.outstanding.count() > 0)
    how.enough = answers_to_close(quorum, std::ssize(chain.points));
  Round closed = evaluator.close(how);
  Evaluation missing;
  missing.gradients = 0;
  missing.failure = "the proxy point is not finite";
  closed.evaluations.insert(closed.evaluations.begin() + std::ssize(chain.points),
                            chain.depths.size() - chain.points.size(), missing);
  return closed;
}

std::vector<LatePair> take_off_outstanding(RunState& run, std::vector<LateAnswer>& late) {
  std::vector<LatePair> pairs;
  OutstandingPoints& waiting = run.outstanding;
  std::vector<Index> left;
  for (Index k = 0; k < waiting.count(); ++k) {
    const auto answer = std::find_if(late.begin(), late.end(), [&](const LateAnswer& one) {
      return static_cast<double>(one.key.iteration) == waiting.iterations[k] &&
             static_cast<double>(one.key.point) == waiting.points[k];
    });
    if (answer == late.end()) {
      left.push_back(k);
      continue;
    }
    pairs.push_back({waiting.thetas.col(k), std::move(answer->evaluation), answer->key.iteration});
  }
  if (static_cast<Index>(left.size()) < waiting.count()) {
    waiting.thetas = Matrix(waiting.thetas(Eigen::all, left));
    waiting.iterations = Vector(waiting.iterations(left));
    waiting.points = Vector(waiting.points(left));
  }
  return pairs;
}

std::vector<LatePair> take_late(RunState& run, std::vector<LateAnswer>& late, IterationReport& report) {
  std::vector<LatePair> pairs = take_off_outstanding(run, late);
  std::erase_if(pairs, [&](const LatePair& pair) {
    if (is_usable(pair.truth)) return false;
    ++report.dropped_points;
    if (report.failure.empty()) report.failure = pair.truth.failure;
    return true;
  });
  for (const LatePair& pair : pairs) run.best.note(pair.truth.value, pair.theta, pair.truth.gradient);
  return pairs;
}

std::vector<NewPair> worth_remembering(const std::vector<LatePair>& late, const GradientHistory& history,
                                       Index newcomers, double ceiling) {
  std::vector<NewPair> pairs;
  for (const LatePair& pair : late) {
    if (!(pair.truth.value <= ceiling)) continue;
    // The entry that leaves because of this one, the oldest first.
    const Index leaves = history.size() + newcomers + static_cast<Index>(pairs.size()) - history.capacity();
    if (leaves >= history.size()) break;  // the newcomers fill the history
    if (leaves >= 0 && history.iteration(leaves) > pair.iteration) continue;
    pairs.push_back({pair.theta, pair.truth.gradient, pair.truth.value, pair.iteration});
  }
  return pairs;
}

void add_outstanding(RunState& run, Index point, ConstVectorRef theta) {
  OutstandingPoints& waiting = run.outstanding;
  const Index k = waiting.count();
  waiting.thetas.conservativeResize(theta.size(), k + 1);
  waiting.thetas.col(k) = theta;
  waiting.iterations.conservativeResize(k + 1);
  waiting.iterations[k] = static_cast<double>(run.iteration);
  waiting.points.conservativeResize(k + 1);
  waiting.points[k] = static_cast<double>(point);
}

ReplayResult replay_arrived(RunState& run, const std::vector<Index>& depths,
                            const std::vector<Evaluation>& truth, const std::vector<bool>& usable,
                            const GradientModel* model, const Optimizer& optimizer,
                            const ReplayLimits& limits) {
  const auto on_chain = std::ssize(depths);
  const Index entries =
      limits.bounds.none() ? std::count(usable.begin(), usable.begin() + on_chain, true) : 0;
  const auto walk = [&](const std::vector<Index>& some_depths, const std::vector<Evaluation>& their_truth,
                        const std::vector<bool>& their_usable) {
    return replay(
        run.theta, run.optimizer, model, optimizer,
        {some_depths, their_truth, their_usable, limits.ceiling, limits.tolerance, entries, limits.bounds});
  };
  if (std::none_of(truth.begin(), truth.begin() + on_chain,
                   [](const Evaluation& one) { return one.outstanding; }))
    return walk(depths, truth, usable);  // no copies
  std::vector<Index> arrived;
  std::vector<Evaluation> its_truth;
  std::vector<bool> its_usable;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    if (truth[i].outstanding) continue;
    arrived.push_back(depths[i]);
    its_truth.push_back(truth[i]);
    its_usable.push_back(usable[i]);
  }
  return walk(arrived, its_truth, its_usable);
}

}  // namespace optex
