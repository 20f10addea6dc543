#include "optex/core/errors.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/surrogate.hpp"

#include <cmath>
#include <vector>

#include "support/smooth_functions.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::FunctionObjective;

constexpr Index length = 300;

/// A chain of springs, whose stiffness falls with the stretch as that of total variation does, on a few stiff
/// directions that nobody knows of: 1/2 sum_k 10^(k/2) (a_k'x - 1)^2 + sum_i sqrt(1 + (x_{i+1} - x_i)^2).
FunctionObjective springs() {
  return {Vector::Zero(length), [](const Vector& x, Vector& g) {
            double value = 0.0;
            for (int k = 0; k < 6; ++k) {
              const Vector a = test::made_of(length, [k](double i) { return std::cos((0.3 + 0.7 * k) * i); });
              const double weight = std::pow(10.0, 0.5 * k) / static_cast<double>(length);
              const double miss = a.dot(x) - 1.0;
              value += 0.5 * weight * miss * miss;
              g += weight * miss * a;
            }
            for (Index i = 0; i + 1 < length; ++i) {
              const double stretch = x[i + 1] - x[i], size = std::sqrt(1.0 + stretch * stretch);
              value += size - 1.0;
              g[i + 1] += stretch / size;
              g[i] -= stretch / size;
            }
            return value;
          }};
}

std::vector<HessianEntry> hessian_of_springs(ConstVectorRef x) {
  std::vector<HessianEntry> entries;
  for (Index i = 0; i + 1 < length; ++i) {
    const double stretch = x[i + 1] - x[i];
    const double stiffness = std::pow(1.0 + stretch * stretch, -1.5);
    entries.push_back({i, i, stiffness});
    entries.push_back({i + 1, i + 1, stiffness});
    entries.push_back({i + 1, i, -stiffness});
  }
  return entries;
}

RunState state_after(int rounds, const Surrogate::Options& options, const Objective& objective = springs()) {
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, options);
  RunState run = method.initial_state(objective.initial_point());
  for (int t = 0; t < rounds && !method.finished(run); ++t) method.iterate(run);
  return run;
}

/// At most 30.
int rounds_to(double gradient_norm, const Surrogate::Options& options) {
  const FunctionObjective objective = springs();
  SerialEvaluator evaluator(objective);
  Surrogate method(evaluator, options);
  RunState run = method.initial_state(objective.initial_point());
  int rounds = 0;
  do {
    method.iterate(run);
    ++rounds;
  } while (rounds < 30 && options.bounds.gradient_norm(run.best.theta, run.best.gradient) > gradient_norm);
  return rounds;
}

// Without: 6e-5 after 200 rounds.
TEST(KnownHessian, LeavesOnlyTheRestToBeLearnt) {
  EXPECT_LE(rounds_to(1e-8, {.parallelism = 8, .known_hessian = hessian_of_springs}), 13);
  EXPECT_EQ(rounds_to(1e-4, {.parallelism = 8}), 30);
}

TEST(KnownHessian, IsKnownInABoxAndInOtherUnits) {
  Surrogate::Options options{.parallelism = 8, .known_hessian = hessian_of_springs};
  options.units = Units(test::made_of(length, [](double i) { return std::exp(std::sin(i)); }));
  EXPECT_LE(rounds_to(1e-8, options), 13);
  options.units = {};
  options.bounds = Bounds(Vector::Constant(length, -1.0), Vector::Constant(length, 0.004));
  EXPECT_LE(rounds_to(1e-6, options), 18);
  options.known_hessian = {};
  EXPECT_EQ(rounds_to(1e-6, options), 30);
}

TEST(KnownHessian, OfWhichNothingIsKnownChangesNoBit) {
  const RunState without = state_after(8, {.parallelism = 5});
  const RunState with = state_after(
      8, {.parallelism = 5, .known_hessian = [](ConstVectorRef) { return std::vector<HessianEntry>(); }});
  EXPECT_EQ(with.best.value, without.best.value);
  EXPECT_EQ(with.theta, without.theta);
}

// However wrong it is, one point a round is L-BFGS's.
TEST(KnownHessian, MayBeWrong) {
  const auto wrong = [](ConstVectorRef) {
    return std::vector<HessianEntry>{{3, 3, -1e6}, {7, 2, 1e9}, {9, 9, 1.0}};
  };
  const RunState run = state_after(40, {.parallelism = 4, .known_hessian = wrong});
  const FunctionObjective objective = springs();
  SerialEvaluator evaluator(objective);
  Lbfgs alone(evaluator, {.memory = Surrogate::guard_memory});
  RunState of_lbfgs = alone.initial_state(objective.initial_point());
  for (int t = 0; t < 40; ++t) alone.iterate(of_lbfgs);
  EXPECT_LE(run.best.value, of_lbfgs.best.value);
}

// With such numbers in one round nothing is lost for the next ones.
TEST(KnownHessian, OfNumbersTooLargeToSquareTeachesNothing) {
  int calls = 0;
  const auto once_huge = [&calls](ConstVectorRef x) {
    std::vector<HessianEntry> known = hessian_of_springs(x);
    if (++calls < 8) known.push_back({5, 5, 1e300});
    return known;
  };
  EXPECT_LE(rounds_to(1e-8, {.parallelism = 8, .known_hessian = once_huge}), 16);
}

TEST(KnownHessian, EntriesOutsideTheLowerTriangleAreRefused) {
  for (const HessianEntry entry :
       {HessianEntry{1, 2, 1.0}, HessianEntry{length, 0, 1.0}, HessianEntry{2, -1, 1.0}}) {
    const auto known = [entry](ConstVectorRef) { return std::vector<HessianEntry>{entry}; };
    EXPECT_THROW(state_after(3, {.parallelism = 4, .known_hessian = known}), UsageError) << entry.row;
  }
}

// It is asked for between points, too, where F was not.
TEST(KnownHessian, MayHaveNoValueBetweenPoints) {
  int calls = 0;
  const auto torn = [&calls](ConstVectorRef x) {
    std::vector<HessianEntry> known = hessian_of_springs(x);
    ++calls;
    if (calls == 5) throw InfeasiblePoint("a pole");
    if (calls == 6) known.push_back({2, 2, NAN});
    return known;
  };
  EXPECT_LE(rounds_to(1e-8, {.parallelism = 8, .known_hessian = torn}), 16);
  EXPECT_GT(calls, 6);
  const auto never = [](ConstVectorRef) { return std::vector<HessianEntry>{{2, 2, NAN}}; };
  EXPECT_THROW(state_after(3, {.parallelism = 4, .known_hessian = never}), InfeasiblePoint);
}

// Pairs that are kept without a part that is not known any more would contradict all others.
TEST(KnownHessian, MayComeAndGo) {
  const FunctionObjective objective = springs();
  SerialEvaluator evaluator(objective);
  Surrogate knowing(evaluator, {.parallelism = 8, .known_hessian = hessian_of_springs});
  Surrogate other(evaluator, {.parallelism = 8});
  RunState run = knowing.initial_state(objective.initial_point());
  for (int t = 0; t < 4; ++t) knowing.iterate(run);
  EXPECT_EQ(run.surrogate->knows_hessian, 1);
  other.iterate(run);
  EXPECT_EQ(run.surrogate->knows_hessian, 0);
  EXPECT_LE(run.surrogate->pairs.size(), 8);  // of this round alone
  for (int t = 0; t < 12; ++t) knowing.iterate(run);
  EXPECT_LT(run.best.gradient.norm(), 1e-8);
}

}  // namespace
}  // namespace optex
