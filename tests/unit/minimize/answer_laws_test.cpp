/// Laws of every method's answer, on problems that are drawn.

#include "optex/minimize/ask_tell.hpp"
#include "optex/minimize/minimize.hpp"
#include "optex/objectives/test_functions.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "random_quadratic.hpp"
#include "support/test_seed.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::all_strategies;
using test::random_box;
using test::RandomQuadratic;

void answer_all(AskTell& run, const Objective& objective) {
  while (!run.finished())
    for (const Question& question : run.ask()) {
      Vector gradient(objective.dimension());
      const double value = objective.value_and_gradient(question.theta, question.key, 0, gradient);
      run.tell(question.number, value, gradient);
    }
}

TEST(AnswerLaws, NoAnswerIsWorseThanTheBestEvaluatedPoint) {
  const test::TestSeed first(20260101);
  std::mt19937_64 random(first());
  for (unsigned seed = 1; seed <= 8; ++seed) {
    const auto drawn = static_cast<unsigned>(first() - 20260101 + seed);
    const Index d = 2 + static_cast<Index>(random() % 9);
    MinimizeOptions options;
    if (seed % 3 != 0) options.bounds = random_box(d, random);
    options.learning_rate = std::pow(10.0, -2.5 + 0.3 * seed);
    options.stop = {.iterations = 20};
    for (const Strategy strategy : all_strategies) {
      options.strategy = strategy;
      const std::string name =
          "seed " + std::to_string(seed) + ", strategy " + std::to_string(static_cast<int>(strategy));
      const RandomQuadratic objective(d, drawn);
      const Outcome outcome = minimize(objective, options);
      EXPECT_EQ(outcome.final_value, objective.smallest()) << name << ": " << outcome.message;
      EXPECT_EQ(outcome.best_value, outcome.final_value) << name;
      EXPECT_TRUE(options.bounds.contains(outcome.solution)) << name;
      EXPECT_EQ(objective.value(outcome.solution), outcome.final_value) << name;

      const RandomQuadratic told(d, drawn);
      AskTell run(told.initial_point(), options);
      answer_all(run, told);
      EXPECT_EQ(run.outcome().final_value, outcome.final_value) << name;
      EXPECT_EQ(run.outcome().solution, outcome.solution) << name;
    }
  }
}

// Limits hold coordinates whose large gradients are predicted well whatever happens to the others.
TEST(AnswerLaws, ReplayStaysAtTheMinimumOfABox) {
  constexpr Index d = 7;
  for (const auto& [lower, upper] :
       {std::pair(0.0, 1.0), std::pair(-0.1, 0.3), std::pair(1.0 / 3.0, 2.0 / 3.0)}) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
      const RandomQuadratic objective(d, seed);
      MinimizeOptions options;
      options.bounds = Bounds(Vector::Constant(d, lower), Vector::Constant(d, upper));
      options.strategy = Strategy::lbfgs;
      options.stop = {.iterations = 100};
      const double minimum = minimize(objective, options).final_value;
      options.strategy = Strategy::replay;
      options.learning_rate = 0.05;
      options.stop = {.iterations = 50};
      double first = 0.0, highest = minimum;
      options.on_iteration = [&](const RunState& run, const IterationReport& report) {
        if (run.iteration == 1) first = report.value;
        if (run.iteration > 30) highest = std::max(highest, report.value);
        return Wish::go_on;
      };
      minimize(objective, options);
      EXPECT_LE(highest - minimum, 0.05 * (first - minimum))
          << "box [" << lower << ", " << upper << "], seed " << seed;
    }
  }
}

/// Rules that a run of the options meets somewhere between its first and its twelfth round.
std::vector<std::pair<std::string, StopRules>> rules_on_the_way(const Objective& objective,
                                                                MinimizeOptions options,
                                                                std::mt19937_64& random) {
  constexpr std::int64_t rounds = 12;
  options.stop = {.iterations = rounds};
  const std::vector<TracePoint> trace = minimize(objective, options).trace;
  const TracePoint& met = trace[random() % trace.size()];
  double least = trace.front().gradient_norm;
  for (const TracePoint& point : trace)
    if (point.round <= met.round) least = std::min(least, point.gradient_norm);
  return {{"iterations", {.iterations = met.round}},
          {"evaluations", {.evaluations = met.gradients}},
          {"value", {.value = met.best_value}},
          {"gradient_norm", {.gradient_norm = least}},
          {"gradient_tolerance", {.gradient_tolerance = least / trace.front().gradient_norm * (1.0 + 1e-12)}},
          {"patience", {.patience = 1, .value_tolerance = 0.2}},
          {"precision", {.precision = 0.9}},
          {"seconds", {.seconds = 1e-9}}};
}

TEST(AnswerLaws, ARunThatHasEndedDoesNoMoreWhenTakenUpAgain) {
  const test::TestSeed first(20260105);
  std::mt19937_64 random(first());
  std::uniform_real_distribution<double> place(-1.5, 1.5);
  const Rosenbrock objective(12);
  MinimizeOptions options;
  options.learning_rate = 0.03;
  options.start.resize(12);
  for (double& x : options.start) x = place(random);
  for (const Strategy strategy :
       {Strategy::replay, Strategy::vanilla, Strategy::lbfgs, Strategy::surrogate, Strategy::whitened}) {
    options.strategy = strategy;
    options.on_checkpoint = {};
    options.on_iteration = {};
    options.resume.reset();
    for (const auto& [reason, rule] : rules_on_the_way(objective, options, random)) {
      const std::string where = reason + ", strategy " + std::to_string(static_cast<int>(strategy));
      options.stop = rule;
      options.resume.reset();
      RunState kept;
      options.on_checkpoint = [&kept](const RunState& run) { kept = run; };
      std::int64_t rounds = 0;
      options.on_iteration = [&rounds](const RunState&, const IterationReport&) {
        return ++rounds < 2000 ? Wish::go_on : Wish::stop;
      };
      const Outcome ended = minimize(objective, options);
      ASSERT_EQ(ended.reason, reason) << where;
      options.resume = kept;
      rounds = 0;
      const Outcome again = minimize(objective, options);
      EXPECT_EQ(rounds, 0) << where;
      EXPECT_EQ(again.reason, reason) << where;
      EXPECT_EQ(again.solution, ended.solution) << where;
      EXPECT_EQ(again.final_value, ended.final_value) << where;
    }
  }
}

}  // namespace
}  // namespace optex
