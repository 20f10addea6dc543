#include "optex/methods/surrogate.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/objectives/quadratic.hpp"
#include "optex/objectives/test_functions.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "support/golden.hpp"
#include "support/smooth_functions.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::FunctionObjective;

struct Trace {
  std::vector<double> best;
  RunState state;
  std::optional<Ending> ending;
};

Trace run_of(const Objective& objective, const Surrogate::Options& options, int rounds) {
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, options);
  Trace run{{}, method.initial_state(objective.initial_point()), {}};
  for (int t = 0; t < rounds && !run.ending; ++t) {
    method.iterate(run.state);
    run.best.push_back(run.state.best.value);
    run.ending = method.finished(run.state);
  }
  return run;
}

struct GoldenSurrogate : testing::TestWithParam<std::string> {};

// Of the model and the guard.
TEST_P(GoldenSurrogate, BestValueAfterEachRound) {
  const nlohmann::json golden = test::golden("golden_surrogate.json");
  const auto& expected = golden[GetParam()];
  const Index d = expected["dimension"];
  const std::string name = expected["function"];
  const FunctionObjective objective = name == "powell"       ? test::powell(d)
                                      : name == "rosenbrock" ? test::rosenbrock(d)
                                      : name == "grid"       ? test::poisson_equation(d)
                                                             : test::turned_quadratic(d);
  const Vector values = test::to_vector(expected["best_value_after_each_round"]);
  const Index points = expected["parallelism"];
  const ModelRules rules{.ladder_of_few = points == 3 ? 1 : 2};
  const Trace run =
      run_of(objective, {.parallelism = points, .chain = false, .model = rules, .learns_diagonal = false},
             static_cast<int>(values.size()));
  for (Index t = 0; t < values.size(); ++t)
    EXPECT_NEAR(run.best[static_cast<std::size_t>(t)], values[t], 2e-6 * std::abs(values[t]))
        << "round " << t + 1;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenSurrogate,
                         testing::Values("powell N=4", "powell N=6", "rosenbrock N=4", "turned quadratic N=3",
                                         "grid N=6"));

/// The same with gradients that are wrong by so much of their length: always in the same way at the same
/// point, as iterative solvers are.
FunctionObjective imprecise(const FunctionObjective& exact, double share) {
  return {exact.initial_point(), [=](const Vector& x, Vector& g) {
            const double value = exact.value_and_gradient(x, SampleKey::exact(), 0, g);
            std::uint64_t seed = 0;
            for (const double entry : x) seed = 31 * seed + std::bit_cast<std::uint64_t>(entry);
            const CounterRandom random({.seed = seed}, Stream::noise);
            const double size = share * g.norm() / std::sqrt(static_cast<double>(x.size()));
            for (Index i = 0; i < x.size(); ++i) g[i] += size * random.normal(static_cast<std::uint64_t>(i));
            return value;
          }};
}

std::vector<std::shared_ptr<Objective>> some_functions() {
  return {std::make_shared<FunctionObjective>(imprecise(test::rosenbrock(30), 1e-4)),
          std::make_shared<FunctionObjective>(test::powell(40)),
          std::make_shared<FunctionObjective>(test::rosenbrock(30)),
          std::make_shared<Quadratic>(50, 1e3),
          std::make_shared<Ackley>(20),
          std::make_shared<StyblinskiTang>(12),
          std::make_shared<AbsoluteDeviation>(20)};
}

/// sum s_i^4 (x_i - 1)^4 with s from 1 to 1e10, each coordinate begun at the same distance in its own unit.
FunctionObjective badly_scaled_quartic() {
  const Vector scale = test::made_of(4, [](double i) { return std::pow(10.0, 10.0 / 3.0 * i); });
  return {Vector(300.0 * scale.cwiseInverse() + Vector::Ones(4)), [scale](const Vector& x, Vector& g) {
            const Vector away = (x.array() - 1.0) * scale.array();
            g = 4.0 * away.array().cube() * scale.array();
            return away.array().square().square().sum();
          }};
}

// The guard's points are among those of every round.
TEST(Surrogate, IsNeverBehindLbfgs) {
  for (const auto& objective : some_functions())
    for (const Index points : {2, 5}) {
      SerialEvaluator evaluator(*objective);
      Lbfgs lbfgs(evaluator, {.memory = Surrogate::guard_memory});
      RunState alone = lbfgs.initial_state(objective->initial_point());
      const Trace run = run_of(*objective, {.parallelism = points}, 25);
      for (const double best : run.best) {
        if (lbfgs.finished(alone)) break;
        lbfgs.iterate(alone);
        EXPECT_LE(best, alone.best.value);
      }
    }
}

// Probes far above the start, beyond the values for which F is given another unit, change nothing for the
// guard.
TEST(Surrogate, LeavesItsLbfgsAloneWhateverProbesSee) {
  const FunctionObjective objective = badly_scaled_quartic();
  SerialEvaluator evaluator(objective);
  Lbfgs lbfgs(evaluator, {.memory = Surrogate::guard_memory});
  RunState alone = lbfgs.initial_state(objective.initial_point());
  for (int t = 0; t < 12; ++t) lbfgs.iterate(alone);
  const Trace run = run_of(objective, {.parallelism = 5}, 12);
  EXPECT_EQ((*run.state.surrogate).guard.theta, alone.theta);
  EXPECT_EQ((*run.state.surrogate).guard.best_value, alone.best.value);
}

TEST(Surrogate, NeedsFewerRoundsWithMorePoints) {
  const FunctionObjective objective = test::turned_quadratic(100);
  const double few = run_of(objective, {.parallelism = 4}, 12).best.back();
  const double many = run_of(objective, {.parallelism = 16}, 12).best.back();
  SerialEvaluator evaluator(objective);
  Lbfgs lbfgs(evaluator, {.memory = Surrogate::guard_memory});
  RunState alone = lbfgs.initial_state(objective.initial_point());
  for (int t = 0; t < 12; ++t) lbfgs.iterate(alone);
  EXPECT_LT(few, 0.3 * alone.best.value);
  EXPECT_LT(many, 0.1 * few);
}

TEST(Surrogate, GoesOnFromACopyOfItsStateBitForBitOnAnyThreads) {
  const FunctionObjective objective = test::rosenbrock(40);
  const Surrogate::Options options{.parallelism = 5, .history = 12};
  const Trace whole = run_of(objective, options, 14);
  const Trace half = run_of(objective, options, 7);
  RunState state = half.state;
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, options);
  set_thread_count(3);
  for (int t = 0; t < 7; ++t) method.iterate(state);
  set_thread_count(1);
  EXPECT_EQ(state.best.value, whole.state.best.value);
  EXPECT_EQ(state.theta, whole.state.theta);
}

TEST(Surrogate, StaysInABoxAndFindsItsCorner) {
  const FunctionObjective objective = test::turned_quadratic(20);
  const Bounds bounds(Vector::Constant(20, -0.1), Vector::Constant(20, 0.4));
  const Trace run = run_of(objective, {.parallelism = 4, .bounds = bounds}, 60);
  EXPECT_TRUE(bounds.contains(run.state.theta));
  EXPECT_LT(bounds.gradient_norm(run.state.best.theta, run.state.best.gradient), 1e-6);
}

// An obstacle above a membrane: a fifth of it touches in the end. Pairs whose steps moved what is held by
// then say little of the rest, and the grid's stencil holds among what is free. L-BFGS needs 27 rounds.
TEST(Surrogate, FindsWhatTouchesAnObstacle) {
  constexpr Index m = 16, d = m * m;
  const FunctionObjective objective = test::grid_quadratic(m, Vector::Zero(d), Vector::Constant(d, 0.05));
  const Bounds bounds(Vector::Constant(d, -1.0), Vector::Constant(d, 0.6));
  const Trace run = run_of(objective, {.parallelism = 8, .bounds = bounds}, 18);
  EXPECT_EQ((run.state.best.theta.array() == 0.6).count(), 52);
  EXPECT_LT(bounds.gradient_norm(run.state.best.theta, run.state.best.gradient), 1e-7);
}

TEST(Surrogate, TakesUnitsForItsModel) {
  // Curvatures 1 .. 1e8: in units of their inverse roots all the same.
  const Vector curvature = test::made_of(30, [](double i) { return std::pow(10.0, 8.0 * i / 29.0); });
  const FunctionObjective objective(Vector::Constant(30, 1.0), [=](const Vector& x, Vector& g) {
    g = curvature.cwiseProduct(x);
    return 0.5 * x.dot(g);
  });
  const Units units(curvature.cwiseSqrt().cwiseInverse());
  const double known = run_of(objective, {.parallelism = 4, .units = units}, 4).best.back();
  EXPECT_LT(known, 1e-6 * run_of(objective, {.parallelism = 4}, 1).best.front());
}

TEST(Surrogate, EndsAtAStartThatIsTheOptimumAndWhereFIsConstant) {
  const FunctionObjective optimum(Vector::Zero(6), [](const Vector& x, Vector& g) {
    g = x;
    return 0.5 * x.squaredNorm();
  });
  const FunctionObjective constant(Vector::Ones(6), [](const Vector&, Vector&) { return 3.0; });
  for (const FunctionObjective* objective : {&optimum, &constant}) {
    const Trace run = run_of(*objective, {.parallelism = 3}, 10);
    ASSERT_TRUE(run.ending);
    EXPECT_EQ(run.ending->reason, "stationary");
    EXPECT_EQ(run.best.size(), 1U);
  }
}

TEST(Surrogate, GoesOnWhereFIsNotFiniteOrUnboundedOrFlat) {
  // Nothing to the right of 1.5; falls for ever; a plateau of round-off.
  const FunctionObjective half(Vector::Ones(5), [](const Vector& x, Vector& g) {
    if (x.maxCoeff() > 1.0005) return std::numeric_limits<double>::quiet_NaN();
    g = x;
    return 0.5 * x.squaredNorm();
  });
  const FunctionObjective falling(Vector::Ones(5), [](const Vector& x, Vector& g) {
    g = Vector::Constant(5, -1.0);
    return -x.sum();
  });
  const FunctionObjective steep(Vector::Ones(5), [](const Vector& x, Vector& g) {
    g = -x.array().exp();
    return -x.array().exp().sum();
  });
  for (const FunctionObjective* objective : {&half, &falling, &steep})
    for (const Index points : {2, 3, 9}) {
      const Trace run = run_of(*objective, {.parallelism = points}, 30);
      EXPECT_TRUE(all_finite(run.state.theta));
      EXPECT_LT(run.best.back(), run.best.front());
    }
}

TEST(Surrogate, NeedsNoMoreCoordinatesOrHistoryThanThereAre) {
  for (const Index d : {1, 2, 3})
    for (const Index points : {2, 3, 8})
      for (const Index history : {2, 5, 0}) {
        const FunctionObjective objective(test::made_of(d, [](double i) { return 1.0 + i; }),
                                          [](const Vector& x, Vector& g) {
                                            g = x.array().cube() + x.array();
                                            return 0.25 * x.array().pow(4).sum() + 0.5 * x.squaredNorm();
                                          });
        const Trace run = run_of(objective, {.parallelism = points, .history = history}, 25);
        EXPECT_LT(run.best.back(), 1e-6) << d << " coordinates, " << points << " points";
      }
}

// With a history of 2 there are never enough pairs to choose among stencils. After 24 gradients the axes of
// the Hessian turn away from the coordinates.
TEST(Surrogate, KeepsTheLearntDiagonalOnlyWhileItTellsMore) {
  constexpr Index d = 40;
  const Vector curvature = test::made_of(d, [](double i) { return std::pow(10.0, std::fmod(i, 7.0)); });
  const Matrix turn = Matrix::NullaryExpr(d, d, [](Index i, Index j) {  // sines, an orthogonal matrix
    return std::sqrt(2.0 / (d + 1)) *
           std::sin(std::numbers::pi * static_cast<double>((i + 1) * (j + 1)) / (d + 1));
  });
  int asked = 0;
  const FunctionObjective objective(Vector::Constant(d, 2.0), [&](const Vector& x, Vector& g) {
    const bool turns = ++asked > 24;
    const Vector z = turns ? Vector(turn * x) : x;
    const Vector slope = curvature.cwiseProduct(z);
    g = turns ? Vector(turn * slope) : slope;
    return 0.5 * z.dot(slope);
  });
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, {.parallelism = 4, .history = 2, .chain = false});
  RunState run = method.initial_state(objective.initial_point());
  int taken = 0, left = 0;
  for (int t = 0; t < 150 && !method.finished(run); ++t) {
    method.iterate(run);
    const bool is_taken = run.surrogate->stencil.chosen == StencilChoice::learnt_diagonal;
    EXPECT_EQ(is_taken, run.surrogate->diagonal.tells_more_by(0.25)) << "round " << t + 1;
    ++(is_taken ? taken : left);
  }
  EXPECT_GT(taken, 0);
  EXPECT_GT(left, 5);
}

TEST(Surrogate, StillConvergesWithGradientsThatAreWrongByAPercent) {
  const FunctionObjective objective(Vector::Ones(20), [](const Vector& x, Vector& g) {
    for (Index i = 0; i < 20; ++i)
      g[i] = (1.0 + 0.01 * std::sin(static_cast<double>(7 * i))) * x[i] * (1.0 + static_cast<double>(i));
    double sum = 0.0;
    for (Index i = 0; i < 20; ++i) sum += 0.5 * (1.0 + static_cast<double>(i)) * x[i] * x[i];
    return sum;
  });
  EXPECT_LT(run_of(objective, {.parallelism = 4}, 30).best.back(), 1e-6);
}

// The floor of this function's own round-off is 1e-16 of the first value.
TEST(Surrogate, ConvergesWithGradientsThatAreAlmostExact) {
  const FunctionObjective objective = imprecise(test::turned_quadratic(60), 1e-9);
  const Trace run = run_of(objective, {.parallelism = 4}, 60);
  EXPECT_TRUE(all_finite(run.state.theta));
  EXPECT_LT(run.best.back(), 1e-12 * run.best.front());
}

TEST(Surrogate, LivesWithPointsThatAreTheSame) {
  // A box in which theta cannot move but along one coordinate: most points are projected to the same place.
  const FunctionObjective objective = test::turned_quadratic(20);
  Vector upper = Vector::Zero(20);
  upper[3] = 1.0;
  const Bounds bounds(Vector::Zero(20), upper);
  const Trace run = run_of(objective, {.parallelism = 8, .bounds = bounds}, 12);
  EXPECT_TRUE(bounds.contains(run.state.theta));
  EXPECT_TRUE(all_finite(run.state.theta));
  EXPECT_LT(bounds.gradient_norm(run.state.best.theta, run.state.best.gradient), 1e-8);
}

TEST(Surrogate, SaysWhichKindOfPointFoundTheNewBest) {
  const FunctionObjective objective = test::rosenbrock(30);
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, {.parallelism = 6});
  RunState state = method.initial_state(objective.initial_point());
  bool model = false;
  for (int t = 0; t < 20; ++t) {
    const double before = state.best.value;
    const IterationReport report = method.iterate(state);
    EXPECT_EQ(report.winner.empty(), !(state.best.value < before));
    model = model || report.winner == "model";
    EXPECT_EQ(state.best.value, report.best_value);
  }
  EXPECT_TRUE(model);
}

// The model and L-BFGS end on a plateau of 0.99, where plain Adam needs 64 rounds at its best rate.
TEST(Surrogate, PassesAPlateauByItsChain) {
  const Rosenbrock objective(1000);
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, {.parallelism = 8});
  RunState state = method.initial_state(objective.initial_point());
  bool chain = false;
  for (int t = 0; t < 32; ++t) chain = method.iterate(state).winner == "chain" || chain;
  EXPECT_TRUE(chain);
  EXPECT_LT(state.best.value, 0.1);
  EXPECT_GT(run_of(objective, {.parallelism = 8, .chain = false}, 32).best.back(), 0.9);
}

TEST(Surrogate, GetsOnAmongKinksByItsChain) {
  const AbsoluteDeviation objective(1000);
  const double with = run_of(objective, {.parallelism = 8}, 16).best.back();
  const double without = run_of(objective, {.parallelism = 8, .chain = false}, 16).best.back();
  EXPECT_LT(with, 0.1);
  EXPECT_LT(with, 0.6 * without);
}

TEST(Surrogate, GivesTheModelThePointsOfAChainThatDoesNotPay) {
  const FunctionObjective objective = test::turned_quadratic(100);
  const Trace run = run_of(objective, {.parallelism = 8}, 12);
  EXPECT_EQ(run.state.surrogate->chain.share.points(8), 0);
  // Twelve rounds in round-off has grown to a factor of three either way.
  EXPECT_LE(run.best.back(), 5.0 * run_of(objective, {.parallelism = 8, .chain = false}, 12).best.back());
}

TEST(Surrogate, HasNoChainInStatesOfOlderPrograms) {
  const FunctionObjective objective = test::rosenbrock(20);
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, {.parallelism = 5});
  RunState state = method.initial_state(objective.initial_point());
  method.iterate(state);
  ASSERT_TRUE(state.surrogate->chain.begun());
  (*state.surrogate).chain = ChainState();
  for (int t = 0; t < 5; ++t) EXPECT_NE(method.iterate(state).winner, "chain");
  EXPECT_FALSE(state.surrogate->chain.begun());
}

// A share grows with rounds in a row that the chain wins, ends where the model finds the best points, and
// comes back where nobody does or the gradient stays as long as it was.
TEST(ChainShare, FollowsWhatPaid) {
  using Winner = ChainShare::Winner;
  ChainShare share;
  EXPECT_EQ(share.points(3), 0);
  EXPECT_EQ(share.points(4), 2);
  EXPECT_EQ(share.points(8), 2);
  EXPECT_EQ(share.points(32), 4);
  double gradient = 1.0;
  const auto rounds = [&](int count, Winner winner, bool overtakes = false, double shrinks = 0.4) {
    for (int t = 0; t < count; ++t)
      share.learn({.winner = winner,
                   .had_points = share.points(8) > 0,
                   .overtakes = overtakes,
                   .model_is_right = false,
                   .idle_rounds = winner == Winner::nobody ? 1 : 0,
                   .gradient_norm = gradient *= shrinks});
  };
  rounds(2, Winner::chain);
  EXPECT_EQ(share.points(8), 4);
  rounds(4, Winner::chain);
  EXPECT_EQ(share.points(8), 6);
  rounds(6, Winner::model);
  EXPECT_EQ(share.points(8), 0);
  rounds(1, Winner::model, true);
  EXPECT_EQ(share.points(8), 2);
  rounds(1, Winner::model);
  EXPECT_EQ(share.points(8), 0);
  rounds(1, Winner::nobody);
  EXPECT_EQ(share.points(8), 2);
  rounds(2, Winner::model);
  rounds(12, Winner::model, false, 1.0);
  EXPECT_EQ(share.points(8), 2);
}

// L-BFGS's wins and a single round without a winner wake a chain only where its points are cheap.
TEST(ChainShare, WakesLaterWherePointsAreDear) {
  using Winner = ChainShare::Winner;
  for (const bool dear : {false, true}) {
    ChainShare share;
    double gradient = 1.0;
    const auto round = [&](Winner winner, std::int64_t idle, double shrinks) {
      share.learn({.winner = winner,
                   .had_points = share.points(4) > 0,
                   .points_are_dear = dear,
                   .idle_rounds = idle,
                   .gradient_norm = gradient *= shrinks});
      return share.points(4) > 0;
    };
    EXPECT_FALSE(round(Winner::model, 0, 0.4));
    EXPECT_EQ(round(Winner::guard, 0, 0.4), !dear);
    EXPECT_FALSE(round(Winner::model, 0, 0.4));
    EXPECT_EQ(round(Winner::nobody, 1, 0.4), !dear);
    EXPECT_TRUE(round(Winner::nobody, 2, 0.4));
    EXPECT_FALSE(round(Winner::model, 0, 0.4));
    int waited = 0;
    while (!round(Winner::model, 0, 1.0)) ++waited;
    EXPECT_EQ(waited, dear ? 19 : 9);
  }
}

}  // namespace
}  // namespace optex
