// Rounds that are closed before all of their points are there, as methods see them.
#include "optex/methods/quorum.hpp"

#include "optex/core/errors.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/arrivals.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/surrogate.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::ElementsAre;

constexpr Index d = 12;
constexpr int rounds = 24;

/// By how many rounds a point is late; 0: not at all.
using Delay = std::function<int(const SampleKey&)>;

/// Late by the script, not by the clock. Knows nothing but the script between rounds, so that a new one is
/// as good as the old one.
class Scripted final : public ForwardingEvaluator {
 public:
  Scripted(Evaluator& inner, Delay delay) : ForwardingEvaluator(inner), delay_(std::move(delay)) {}

  using Evaluator::close;
  void begin(const Opening& opening) override {
    round_.clear();
    announced_ = opening.points;
    for (const Point& point : opening.late) late_.push_back({point.key, *point.theta});
  }
  void submit(Point point) override { round_.push_back({point.key, *point.theta}); }
  Round close(const Closing& how) override {
    const Index enough = how.enough.value_or(std::ssize(round_));
    const std::int64_t now = round_.front().key.iteration;
    std::vector<Asked> asked;
    Round closed;
    const auto in_its_round = [&](const Asked& one) {
      return delay_(one.key) == 0 ||
             std::find(how.needed.begin(), how.needed.end(), one.key.point) != how.needed.end();
    };
    for (const Asked& one : round_)
      if (in_its_round(one)) asked.push_back(one);
    EXPECT_GE(std::ssize(asked), enough);
    EXPECT_LE(std::ssize(round_), announced_);
    sizes.push_back(std::ssize(round_));
    const std::size_t in_time = asked.size();
    for (const Asked& one : late_)
      if (one.key.iteration + delay_(one.key) <= now) asked.push_back(one);
    inner().begin({std::ssize(asked)});
    for (const Asked& one : asked) inner().submit(point_at(one.key, one.theta));
    std::vector<Evaluation> answers = inner().close().evaluations;
    std::size_t next = 0;
    for (const Asked& one : round_)
      if (in_its_round(one))
        closed.evaluations.push_back(answers[next++]);
      else
        closed.evaluations.emplace_back().outstanding = true;
    for (; next < asked.size(); ++next) closed.late.push_back({asked[next].key, answers[next]});
    for (const Asked& one : round_)
      if (!in_its_round(one)) outstanding.push_back(one);
    EXPECT_EQ(in_time + closed.late.size(), asked.size());
    late_.clear();
    return closed;
  }

  struct Asked {
    SampleKey key;
    Vector theta;
  };
  std::vector<Asked> outstanding;  ///< that ever were
  std::vector<std::int64_t> sizes;

 private:
  Delay delay_;
  Index announced_ = 0;
  std::vector<Asked> round_, late_;
};

int never(const SampleKey&) { return 0; }
/// Now one point, now two, now none; for one to three rounds.
int now_and_then(const SampleKey& key) {
  const std::int64_t dice = (key.iteration * 7 + key.point * 3) % 11;
  return key.point == 0 || dice > 4 ? 0 : 1 + static_cast<int>(dice % 3);
}

using Build = std::function<std::unique_ptr<Method>(Evaluator&, double quorum)>;

std::shared_ptr<const Optimizer> adam() {
  return std::make_shared<Adam>(Adam::Options{.learning_rate = 0.02});
}

Build chain(UpdateRule rule, Index history = 0) {
  return [=](Evaluator& evaluator, double quorum) -> std::unique_ptr<Method> {
    return std::make_unique<Optex>(
        evaluator, adam(),
        std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                          HyperparameterRules{}),
        Optex::Options{.parallelism = 5, .history = history, .update = rule, .quorum = quorum, .seed = 7});
  };
}

std::unique_ptr<Method> surrogate(Evaluator& evaluator, double quorum) {
  return std::make_unique<Surrogate>(evaluator,
                                     Surrogate::Options{.parallelism = 5, .quorum = quorum, .seed = 7});
}

void expect_same(const RunState& a, const RunState& b) {
  EXPECT_EQ(a.iteration, b.iteration);
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.optimizer.moments, b.optimizer.moments);
  EXPECT_EQ(a.best.value, b.best.value);
  EXPECT_EQ(a.best.theta, b.best.theta);
  EXPECT_EQ(a.evaluations, b.evaluations);
  EXPECT_EQ(a.replay.reach, b.replay.reach);
  EXPECT_EQ(a.outstanding.thetas, b.outstanding.thetas);
  EXPECT_EQ(a.outstanding.iterations, b.outstanding.iterations);
  EXPECT_EQ(a.outstanding.points, b.outstanding.points);
  EXPECT_EQ(a.surrogate->pairs.products().step_change, b.surrogate->pairs.products().step_change);
  EXPECT_EQ(a.surrogate->chain.theta, b.surrogate->chain.theta);
  ASSERT_EQ(a.history.size(), b.history.size());
  for (Index i = 0; i < a.history.size(); ++i) {
    EXPECT_EQ(a.history.theta(i), b.history.theta(i));
    EXPECT_EQ(a.history.gradient(i), b.history.gradient(i));
    EXPECT_EQ(a.history.iteration(i), b.history.iteration(i));
  }
}

TEST(Quorum, IsAPartOfThePointsRoundedUp) {
  EXPECT_EQ(answers_to_close(0.75, 4), 3);
  EXPECT_EQ(answers_to_close(0.75, 3), 3);
  EXPECT_EQ(answers_to_close(0.1, 30), 3);
  EXPECT_EQ(answers_to_close(0.01, 4), 1);
  EXPECT_EQ(answers_to_close(1.0, 5), 5);
  EXPECT_EQ(answers_to_close(0.5, 1), 1);
}

class EveryRule : public testing::TestWithParam<Build> {
 protected:
  Rosenbrock objective{d};
};

TEST_P(EveryRule, WithNothingLateItChangesNoBit) {
  SerialEvaluator serial(objective);
  Scripted scripted(serial, never);
  const auto plain = GetParam()(serial, 1.0);
  const auto closing = GetParam()(scripted, 0.5);
  RunState a = plain->initial_state(objective.initial_point());
  RunState b = closing->initial_state(objective.initial_point());
  for (int t = 0; t < rounds; ++t) {
    ASSERT_EQ(plain->iterate(a).value, closing->iterate(b).value);
    ASSERT_EQ(b.outstanding.count(), 0);
  }
  expect_same(a, b);
}

TEST_P(EveryRule, OutstandingPointsTakeTheirPlaceAmongTheN) {
  SerialEvaluator serial(objective);
  Scripted scripted(serial, now_and_then);
  const auto method = GetParam()(scripted, 0.2);
  RunState run = method->initial_state(objective.initial_point());
  Index most = 0, points = 0;
  for (int t = 0; t < rounds; ++t) {
    const Index waiting = run.outstanding.count();
    const IterationReport report = method->iterate(run);
    EXPECT_EQ(report.dropped_points, 0);
    points = std::max(points, scripted.sizes.back() + waiting);
    most = std::max(most, run.outstanding.count());
    for (Index k = 1; k < run.outstanding.count(); ++k)
      EXPECT_LT(run.outstanding.iterations[k - 1] * 100 + run.outstanding.points[k - 1],
                run.outstanding.iterations[k] * 100 + run.outstanding.points[k]);
  }
  EXPECT_GE(most, 2);    // or this test would say nothing
  EXPECT_LE(points, 9);  // at least one point a round, whatever is outstanding
  Vector gradient(d);
  EXPECT_LT(run.best.value, objective.value_and_gradient(objective.initial_point(), {}, 0, gradient));
}

TEST_P(EveryRule, ARestartInTheMiddleChangesNoBit) {
  SerialEvaluator serial(objective);
  Scripted scripted(serial, now_and_then);
  const auto method = GetParam()(scripted, 0.2);
  RunState whole = method->initial_state(objective.initial_point());
  RunState resumed = whole;
  Index waited = 0;
  for (int t = 0; t < rounds; ++t) {
    method->iterate(whole);
    waited += resumed.outstanding.count();
    Scripted other(serial, now_and_then);
    GetParam()(other, 0.2)->iterate(resumed);
  }
  EXPECT_GT(waited, 5);
  expect_same(whole, resumed);
}

TEST_P(EveryRule, TheRecordedArrivalsGiveTheSameBitsSerially) {
  SerialEvaluator serial(objective);
  Scripted scripted(serial, now_and_then);
  std::map<std::int64_t, Arrivals> log;
  ArrivalRecorder recorder(scripted, [&log](const Arrivals& one) { log[one.iteration] = one; });
  const auto method = GetParam()(recorder, 0.2);
  RunState run = method->initial_state(objective.initial_point());
  std::vector<double> values;
  for (int t = 0; t < rounds; ++t) values.push_back(method->iterate(run).value);

  ArrivalReplay replay(serial, log);
  std::map<std::int64_t, Arrivals> again;
  ArrivalRecorder of_replay(replay, [&again](const Arrivals& one) { again[one.iteration] = one; });
  const auto repeated = GetParam()(of_replay, 0.2);
  RunState same = repeated->initial_state(objective.initial_point());
  for (int t = 0; t < rounds; ++t)
    ASSERT_EQ(repeated->iterate(same).value, values[static_cast<std::size_t>(t)]);
  expect_same(run, same);
  EXPECT_EQ(log, again);
  EXPECT_THROW(repeated->iterate(same), UsageError);  // the log has no such round
}
INSTANTIATE_TEST_SUITE_P(Quorum, EveryRule,
                         testing::Values(chain(UpdateRule::replay), chain(UpdateRule::sequence),
                                         chain(UpdateRule::last), chain(UpdateRule::min_value),
                                         chain(UpdateRule::min_gradient), surrogate));

TEST(Quorum, SurrogateIsNeverWithoutTheGuardTheFirstOfTheModelAndTheFirstOfTheChain) {
  const Rosenbrock objective(d);
  SerialEvaluator serial(objective);
  Scripted scripted(serial, [](const SampleKey&) { return 1; });  // all that can be late
  const auto method = surrogate(scripted, 0.2);
  RunState run = method->initial_state(objective.initial_point());
  method->iterate(run);
  EXPECT_EQ(run.outstanding.count(), 4);  // the start is there
  for (int t = 1; t < rounds; ++t) {
    method->iterate(run);
    const Index submitted = scripted.sizes.back();
    EXPECT_LE(run.outstanding.count(), submitted - 2);
    EXPECT_TRUE((run.outstanding.points.array() > 0.0).all());
    EXPECT_TRUE((run.outstanding.points.array() < static_cast<double>(submitted - 1)).all());
  }
  EXPECT_GT(scripted.outstanding.size(), 20U);
}

/// Point 3 of round 4 (from 0) comes two rounds later.
int one_straggler(const SampleKey& key) { return key.iteration == 4 && key.point == 3 ? 2 : 0; }

TEST(Quorum, ALateGradientStandsBeforeThoseOfItsRoundOfArrival) {
  for (const Build& build : {chain(UpdateRule::sequence), chain(UpdateRule::replay)}) {
    const Rosenbrock objective(d);
    SerialEvaluator serial(objective);
    Scripted scripted(serial, one_straggler);
    const auto method = build(scripted, 0.5);
    RunState run = method->initial_state(objective.initial_point());
    for (int t = 0; t < 6; ++t) method->iterate(run);
    ASSERT_EQ(run.outstanding.count(), 1);
    const Index before = run.history.size();
    method->iterate(run);
    EXPECT_EQ(run.outstanding.count(), 0);
    ASSERT_EQ(run.history.iteration(before), 4);
    for (Index i = before + 1; i < run.history.size(); ++i) EXPECT_EQ(run.history.iteration(i), 6);
    ASSERT_EQ(scripted.outstanding.size(), 1U);
    const Vector& theta = scripted.outstanding.front().theta;
    Vector gradient(d);
    objective.value_and_gradient(theta, {}, 0, gradient);
    EXPECT_EQ(Vector(run.history.theta(before)), theta);
    EXPECT_EQ(Vector(run.history.gradient(before)), gradient);
  }
}

TEST(Quorum, ALateGradientDrivesOutNothingNewer) {
  const Rosenbrock objective(d);
  SerialEvaluator serial(objective);
  // So late that rounds after its own have begun to leave a history of 12.
  Scripted scripted(serial,
                    [](const SampleKey& key) { return key.iteration == 4 && key.point == 3 ? 5 : 0; });
  const auto method = chain(UpdateRule::replay, 12)(scripted, 0.5);
  RunState run = method->initial_state(objective.initial_point());
  for (int t = 0; t < 10; ++t) method->iterate(run);
  for (Index i = 0; i < run.history.size(); ++i) EXPECT_GT(run.history.iteration(i), 4);
  EXPECT_EQ(run.outstanding.count(), 0);
  EXPECT_EQ(run.history.size(), 12);
}

TEST(Quorum, WorthRememberingCountsWhatTheNewcomersNeed) {
  GradientHistory history(1, 4);
  for (int t = 0; t < 4; ++t) history.append(Vector::Constant(1, t), Vector::Ones(1), 0.0, t);
  const auto pair = [](std::int64_t iteration, double value) {
    LatePair late{Vector::Zero(1), {}, iteration};
    late.truth.value = value;
    late.truth.gradient = Vector::Zero(1);
    return late;
  };
  const auto joined = [&](const std::vector<LatePair>& late, Index newcomers) {
    std::vector<std::int64_t> iterations;
    for (const NewPair& one : worth_remembering(late, history, newcomers, 1.0))
      iterations.push_back(one.iteration);
    return iterations;
  };
  EXPECT_THAT(joined({pair(0, 0.5)}, 0), ElementsAre(0));
  EXPECT_THAT(joined({pair(0, 0.5)}, 1), ElementsAre());  // the entry of round 1 would leave
  EXPECT_THAT(joined({pair(0, 0.5), pair(2, 0.5), pair(2, 0.5)}, 1), ElementsAre(2, 2));
  EXPECT_THAT(joined({pair(2, 1.5)}, 1), ElementsAre());  // above the ceiling
  EXPECT_THAT(joined({pair(3, 0.5)}, 4), ElementsAre());  // the newcomers need all of it
}

/// Fails at the point of one_straggler(), and at the iterate when told to.
class Failing final : public Objective {
 public:
  Index dimension() const override { return d; }
  Vector initial_point() const override { return whole_.initial_point(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    if (one_straggler(key) > 0 || (key.point == 0 && key.iteration == fails_in))
      throw EvaluationError("broken on purpose");
    return whole_.value_and_gradient(theta, key, shard, gradient);
  }
  std::int64_t fails_in = -1;

 private:
  Rosenbrock whole_{d};
};

TEST(Quorum, ALateFailureIsDroppedWhereItComes) {
  Failing objective;
  SerialEvaluator serial(objective);
  Scripted scripted(serial, one_straggler);
  std::map<std::int64_t, Arrivals> log;
  ArrivalRecorder recorder(scripted, [&log](const Arrivals& one) { log[one.iteration] = one; });
  const auto method = chain(UpdateRule::replay)(recorder, 0.5);
  RunState run = method->initial_state(objective.initial_point());
  for (int t = 0; t < 7; ++t) {
    const IterationReport report = method->iterate(run);
    EXPECT_EQ(report.dropped_points, t == 6 ? 1 : 0);
    EXPECT_EQ(report.failure.empty(), t != 6);
  }
  EXPECT_EQ(run.outstanding.count(), 0);
  for (Index i = 0; i < run.history.size(); ++i)
    EXPECT_FALSE(Vector(run.history.theta(i)) == scripted.outstanding.front().theta);
  EXPECT_THAT(log[6].failed, ElementsAre(PointName{4, 3}));

  // A replay takes the failure over, even where nothing fails any more.
  const Rosenbrock mended(d);
  SerialEvaluator on_mended(mended);
  ArrivalReplay replay(on_mended, log);
  const auto repeated = chain(UpdateRule::replay)(replay, 0.5);
  RunState same = repeated->initial_state(mended.initial_point());
  for (int t = 0; t < 7; ++t) repeated->iterate(same);
  expect_same(run, same);
}

TEST(Quorum, ARoundThatFailsLeavesTheStateAsItWas) {
  Failing objective;
  objective.fails_in = 6;
  SerialEvaluator serial(objective);
  Scripted scripted(serial, one_straggler);
  const auto method = chain(UpdateRule::replay)(scripted, 0.5);
  RunState run = method->initial_state(objective.initial_point());
  for (int t = 0; t < 6; ++t) method->iterate(run);
  const RunState before = run;
  EXPECT_EQ(before.outstanding.count(), 1);
  EXPECT_THROW(method->iterate(run), EvaluationError);
  expect_same(before, run);
}

}  // namespace
}  // namespace optex
