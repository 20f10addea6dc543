// Rounds whose answers are made use of as they come.
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/worker.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/forwarding_evaluator.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/two_track.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "support/order_sensitive_objective.hpp"
#include <gmock/gmock.h>
#include <mpi.h>

namespace optex {
namespace {

using optex::testing::OrderSensitiveObjective;
using optex::testing::same_bits;

constexpr CommunicatorOptions patient{.stall_seconds = 60.0};

/// Runs `body(coordinator, ranks)` on rank 0 while the others serve.
template <class Body>
void coordinate(const Objective& objective, const CoordinatorOptions& options, Body body) {
  Communicator communicator(MPI_COMM_WORLD, patient);
  if (communicator.rank() != 0) return serve(communicator, objective);
  Coordinator coordinator(communicator, objective, options);
  body(coordinator, communicator.size());
  EXPECT_TRUE(coordinator.shutdown());
}

/// Rank 0 tells another rank that it may go on, so that no test depends on how fast the machine is.
class Gate {
 public:
  void open(int rank) {
    const auto byte = std::make_shared<std::byte>();
    Transfer transfer = control_.post_send(rank, tag, {byte.get(), 1}, byte);
    control_.wait(transfer, [] { return "the gate"; });
  }
  void pass() {
    const auto byte = std::make_shared<std::byte>();
    Transfer transfer = control_.post_receive(0, tag, {byte.get(), 1}, byte);
    control_.wait(transfer, [] { return "the gate"; });
  }
  int rank() const { return control_.rank(); }
  int ranks() const { return control_.size(); }

 private:
  static constexpr int tag = 1;
  Communicator control_{MPI_COMM_WORLD, patient};
};

/// Another objective that passes a gate before its first evaluation of every round.
class GatedObjective final : public Objective {
 public:
  GatedObjective(const Objective& whole, Gate& gate, bool gated)
      : whole_(whole), gate_(gate), gated_(gated) {}
  Index dimension() const override { return whole_.dimension(); }
  Index shard_count() const override { return whole_.shard_count(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    if (gated_ && key.iteration != passed_) gate_.pass();
    passed_ = key.iteration;
    return whole_.value_and_gradient(theta, key, shard, gradient);
  }

 private:
  const Objective& whole_;
  Gate& gate_;
  bool gated_;
  mutable std::int64_t passed_ = -1;
};

/// Opens a gate once a round, when the answers that are there are enough and nothing is left to do with them.
class GateKeeper final : public ForwardingEvaluator, private RoundWatcher {
 public:
  using Enough = std::function<bool(Index submitted, Index arrived)>;
  GateKeeper(Evaluator& inner, Gate& gate, int rank, Enough enough)
      : ForwardingEvaluator(inner), gate_(gate), rank_(rank), enough_(std::move(enough)) {}
  void begin(Index points) override {
    submitted_ = 0;
    ForwardingEvaluator::begin(points);
  }
  void submit(const SampleKey& key, ConstVectorRef theta) override {
    ++submitted_;
    ForwardingEvaluator::submit(key, theta);
  }
  void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) override {
    ++submitted_;
    ForwardingEvaluator::submit_shared(key, std::move(theta));
  }
  void watch(RoundWatcher* watcher) override {
    inner().watch(watcher == nullptr ? nullptr : this);
    watcher_ = watcher;
    arrived_ = 0;
    open_ = rank_ < 0;
  }

 private:
  void arrived(Index submission, const Evaluation& answer) override {
    ++arrived_;
    watcher_->arrived(submission, answer);
  }
  bool work() override {
    if (watcher_->work()) return true;
    if (open_ || !enough_(submitted_, arrived_)) return false;
    gate_.open(rank_);
    open_ = true;
    return false;
  }

  Gate& gate_;
  int rank_;
  Enough enough_;
  Index submitted_ = 0;
  RoundWatcher* watcher_ = nullptr;
  Index arrived_ = 0;
  bool open_ = true;
};

class Listener final : public RoundWatcher {
 public:
  void arrived(Index submission, const Evaluation& answer) override {
    order.push_back(submission);
    answers.push_back(answer);
    gradients.push_back(answer.gradient.data());
  }
  bool work() override { return ++asked % 3 != 0; }

  std::vector<Index> order;
  std::vector<Evaluation> answers;
  std::vector<const double*> gradients;
  int asked = 0;
};

void submit_round(Evaluator& evaluator, std::int64_t round, Index points) {
  evaluator.begin(points);
  for (std::int32_t point = 0; point < points; ++point) {
    Vector theta(evaluator.dimension());
    for (Index i = 0; i < theta.size(); ++i) theta[i] = 0.1 * static_cast<double>(i + 3 * point + round);
    evaluator.submit({.seed = 3, .iteration = round, .point = point}, theta);
  }
}

TEST(WatchedRound, EveryAnswerIsToldOnceAndIsTheOneThatIsCollected) {
  for (const Index shards : {1, 5})
    for (const bool coordinator_evaluates : {true, false}) {
      OrderSensitiveObjective objective(300, shards);
      objective.fail_on(0, 2);
      coordinate(objective, {coordinator_evaluates}, [&](Coordinator& coordinator, int) {
        for (std::int64_t round = 0; round < 3; ++round) {
          SerialEvaluator serial(objective);
          submit_round(serial, round, 6);
          const std::vector<Evaluation> expected = serial.collect();
          Listener listener;
          submit_round(coordinator, round, 6);
          coordinator.watch(&listener);
          const std::vector<Evaluation> found =
              round == 1 ? coordinator.collect_quorum(6).evaluations : coordinator.collect();
          coordinator.watch(nullptr);
          ASSERT_EQ(found.size(), 6U);
          std::vector<Index> told = listener.order;
          std::sort(told.begin(), told.end());
          EXPECT_EQ(told, (std::vector<Index>{0, 1, 2, 3, 4, 5}));
          for (std::size_t k = 0; k < 6; ++k) {
            const Evaluation& heard = listener.answers[k];
            const auto point = static_cast<std::size_t>(listener.order[k]);
            EXPECT_EQ(heard.failed(), point == 2);
            EXPECT_EQ(heard.failure, found[point].failure);
            EXPECT_TRUE(same_bits(heard.value, expected[point].value));
            EXPECT_TRUE(same_bits(heard.gradient, expected[point].gradient));
            EXPECT_TRUE(same_bits(found[point].gradient, expected[point].gradient));
            if (point == 2) continue;
            EXPECT_EQ(listener.gradients[k], found[point].gradient.data());
          }
        }
        // Nobody is told of a round that nobody watches.
        Listener listener;
        coordinator.watch(&listener);
        coordinator.watch(nullptr);
        submit_round(coordinator, 9, 3);
        EXPECT_EQ(coordinator.collect().size(), 3U);
        EXPECT_TRUE(listener.order.empty());
      });
    }
}

TEST(WatchedRound, ASlowFirstPointHoldsNobodyUp) {
  Gate gate;
  if (gate.ranks() < 3) GTEST_SKIP() << "needs three ranks";
  const OrderSensitiveObjective whole(300, 1);
  const GatedObjective objective(whole, gate, gate.rank() == 1);
  coordinate(objective, {.coordinator_evaluates = false}, [&](Coordinator& coordinator, int ranks) {
    GateKeeper keeper(coordinator, gate, 1,
                      [](Index submitted, Index arrived) { return arrived == submitted - 1; });
    for (std::int64_t round = 0; round < 4; ++round) {
      Listener listener;
      submit_round(keeper, round, ranks - 1);
      keeper.watch(&listener);
      EXPECT_EQ(keeper.collect().size(), static_cast<std::size_t>(ranks - 1));
      keeper.watch(nullptr);
      EXPECT_EQ(listener.order.back(), 0);
      EXPECT_GE(listener.asked, 3);
    }
  });
}

struct Rounds {
  RunState state;
  Index early = 0;
};

using Maker = std::function<std::unique_ptr<Method>(Evaluator&)>;

Rounds run_rounds(Evaluator& evaluator, const Maker& make, const Vector& start) {
  const std::unique_ptr<Method> method = make(evaluator);
  Rounds run{method->initial_state(start), 0};
  for (int round = 0; round < 8; ++round) run.early += method->iterate(run.state).early_points;
  return run;
}

void expect_same(const RunState& a, const RunState& b) {
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.best_value, b.best_value);
  ASSERT_EQ(a.history.size(), b.history.size());
  EXPECT_EQ(a.history.squared_distances(), b.history.squared_distances());
  EXPECT_EQ(a.history.squared_gradient_distances(), b.history.squared_gradient_distances());
  EXPECT_EQ(a.history.cross_products(), b.history.cross_products());
  EXPECT_EQ(a.history.cross_products_about_newest(), b.history.cross_products_about_newest());
}

TEST(WatchedRound, MethodsMakeTheProductsOfEarlyAnswersAndKeepTheirBits) {
  const Rosenbrock whole(500);
  const Vector start = whole.initial_point();
  const auto adam = std::make_shared<Adam>(Adam::Options{.learning_rate = 0.02});
  const Bounds box(Vector::Constant(500, -0.9), Vector::Constant(500, 0.7));
  for (const Precision precision : {Precision::f64, Precision::f32})
    for (const bool boxed : {false, true}) {
      const Bounds bounds = boxed ? box : Bounds();
      std::shared_ptr<const Optimizer> optimizer = adam;
      if (boxed) optimizer = std::make_shared<Projected>(adam, box);
      const Maker two_track = [&](Evaluator& evaluator) {
        return std::make_unique<TwoTrack>(
            evaluator, optimizer,
            TwoTrack::Options{
                .parallelism = 4, .history = 10, .precision = precision, .seed = 7, .bounds = bounds});
      };
      const Maker replay = [&](Evaluator& evaluator) {
        return std::make_unique<Optex>(
            evaluator, optimizer,
            std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                              HyperparameterRules{}),
            Optex::Options{.parallelism = 4,
                           .history = 10,
                           .update = UpdateRule::replay,
                           .precision = precision,
                           .bounds = bounds});
      };
      for (const Maker& make : {two_track, replay}) {
        Gate gate;
        // Who computes the last of the four points; alone it would wait for itself.
        const int slow = gate.ranks() > 2 ? std::min(gate.ranks() - 1, 4) : -1;
        const GatedObjective objective(whole, gate, gate.rank() == slow);
        coordinate(objective, {.coordinator_evaluates = false}, [&](Coordinator& coordinator, int ranks) {
          SerialEvaluator serial(whole);
          const Rounds alone = run_rounds(serial, make, start);
          // With a rank for every point the slow one has the last of four; otherwise it may have several.
          GateKeeper keeper(coordinator, gate, slow, [ranks](Index submitted, Index arrived) {
            return ranks > 4 ? submitted == 4 && arrived == 3 : arrived > 0;
          });
          const Rounds together = run_rounds(keeper, make, start);
          expect_same(alone.state, together.state);
          EXPECT_EQ(alone.early, 0);
          if (ranks > 4) {
            EXPECT_GE(together.early, 6);
          }
        });
      }
    }
}

}  // namespace
}  // namespace optex
