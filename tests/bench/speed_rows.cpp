#include "speed_rows.hpp"

#include "optex/estimation/gram.hpp"
#include "optex/methods/replay.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/optimizers/adagrad.hpp"
#include "optex/optimizers/rmsprop.hpp"
#include "optex/optimizers/sgd.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace optex::bench {
namespace {

constexpr Index whitened_points = 4;
constexpr Index whitened_ring = 32;

std::vector<Index> all_depths(Index points) {
  std::vector<Index> depths;
  for (Index k = 0; k < points; ++k) depths.push_back(k);
  return depths;
}

/// Truth that agrees with what was predicted, so that a replay accepts everything.
std::vector<Evaluation> as_predicted(const ProxyChain& chain) {
  std::vector<Evaluation> truth;
  for (const Vector& prediction : chain.predictions) {
    Evaluation evaluation;
    evaluation.value = 0.0;
    evaluation.gradient = prediction;
    truth.push_back(std::move(evaluation));
  }
  return truth;
}

ProxyChain chain_in(Scene& scene, Index points, Evaluator& evaluator) {
  return walk_chain(
      scene.theta, scene.state, [&] { return scene.model.get(); }, scene.adam, all_depths(points), false,
      [&](std::shared_ptr<const Vector> point) {
        evaluator.submit({{}, std::move(point)});
      });
}

/// N points submitted: distances at the first, N - 1 steps, the last point's prediction.
Work chain(Scene& scene, Index points) {
  const auto taker = std::make_shared<Taker>(scene.size.dimension);
  const auto result = std::make_shared<ProxyChain>();
  const double steps = static_cast<double>(points - 1);
  return {.bytes = static_cast<double>(points) * scene.pass() + steps * scene.optimizer_bytes(),
          .prepare = [=] { *result = {}; },
          .run = [=, &scene] { *result = chain_in(scene, points, *taker); }};
}

/// N steps of replay with N checks.
Work replay_of_chain(Scene& scene, Index points) {
  struct Memory {
    std::vector<Evaluation> truth;
    Vector theta;
    OptimizerState state;
  };
  const auto memory = std::make_shared<Memory>();
  Taker taker(scene.size.dimension);
  memory->truth = as_predicted(chain_in(scene, points, taker));
  const double steps = static_cast<double>(points);
  return {.bytes = steps * (scene.pass() + scene.optimizer_bytes()),
          .prepare =
              [=, &scene] {
                memory->theta = scene.theta;
                memory->state = scene.state;
              },
          .run =
              [=, &scene] {
                const std::vector<bool> usable(memory->truth.size(), true);
                replay(memory->theta, memory->state, scene.model.get(), scene.adam,
                       {all_depths(points), memory->truth, usable, 1.0, 1e9});
              }};
}

/// N pairs enter the history: they are stored, and the tables of products gain their rows.
Work append(Scene& scene, Index points) {
  const auto vectors = std::make_shared<std::vector<Vector>>();
  for (Index k = 0; k < 2 * points; ++k)
    vectors->push_back(noise(scene.size.dimension, 10 + static_cast<std::uint64_t>(k)));
  return {.bytes = scene.pass() + 2.0 * static_cast<double>(points) * scene.row(),
          .prepare = {},
          .run = [=, &scene] {
            std::vector<NewPair> pairs;
            for (std::size_t k = 0; k < vectors->size(); k += 2)
              pairs.push_back({(*vectors)[k], (*vectors)[k + 1], 0.0, 0});
            scene.history.append(pairs);
          }};
}

Work step_of_chain(Scene& scene, Index) {
  struct Memory {
    Vector theta;
    OptimizerState state;
    std::unique_ptr<ModelWalk> walk;
    BlockMove move;
  };
  const auto memory = std::make_shared<Memory>();
  memory->theta = scene.theta;
  memory->state = scene.state;
  memory->walk = scene.model->walk(memory->theta, {});
  memory->move = [raw = memory.get(), &scene](Index first, VectorRef part, VectorRef mean) {
    scene.adam.update(raw->state.step, first, part, mean, raw->state.moments);
  };
  return {.bytes = scene.pass() + scene.optimizer_bytes(), .prepare = {}, .run = [memory] {
            ++memory->state.step;
            memory->walk->advance(memory->move, {}, false);
          }};
}

Work gram_tables(Scene& scene, Index) {
  return {.bytes = 0.0, .prepare = {}, .run = [&scene] { gram_of(scene.history, PriorMean::constant); }};
}

Work fit(Scene& scene, Index) {
  return {.bytes = 0.0, .prepare = {}, .run = [&scene] { scene.estimator.fit(scene.history); }};
}

/// Reads gradient, theta and moments, writes theta and moments; on one thread, as whole vectors are updated.
Row step_of_rule(const std::string& name, std::shared_ptr<const Optimizer> rule) {
  return {
      name, [rule = std::move(rule)](Scene& scene, Index) {
        struct Memory {
          Vector theta, gradient;
          OptimizerState state;
        };
        const auto memory = std::make_shared<Memory>();
        *memory = {scene.theta, noise(scene.size.dimension, 3), rule->initial_state(scene.size.dimension)};
        return Work{.bytes = scene.row() * (3.0 + 2.0 * static_cast<double>(rule->moment_count())),
                    .prepare = {},
                    .run = [=] { rule->step(memory->theta, memory->gradient, memory->state); }};
      }};
}

/// Rank 0's part of a round of the whitened method with a full ring: the ring is read twice, N rows of it are
/// written, v, z and theta go both ways, and the N gradients are read.
Work whitened(Scene& scene, Index) {
  struct Memory {
    std::vector<Evaluation> answers;
    std::unique_ptr<Taker> taker;
    std::unique_ptr<Whitened> method;
    RunState run;
  };
  const auto memory = std::make_shared<Memory>();
  const Index d = scene.size.dimension;
  for (Index k = 0; k < whitened_points; ++k) {
    Evaluation evaluation;
    evaluation.value = 1.0;
    evaluation.gradient = noise(d, 30 + static_cast<std::uint64_t>(k));
    memory->answers.push_back(std::move(evaluation));
  }
  memory->taker = std::make_unique<Taker>(d);
  memory->method = std::make_unique<Whitened>(
      *memory->taker, Whitened::Options{.parallelism = whitened_points, .ring = whitened_ring});
  memory->run = memory->method->initial_state(scene.theta);
  const auto prepare = [memory] { memory->taker->answers = memory->answers; };
  while (memory->run.noisy.ring.cols() < whitened_ring) {
    prepare();
    memory->method->iterate(memory->run);
  }
  return {.bytes = scene.row() * static_cast<double>(2 * whitened_ring + 2 * whitened_points + 6),
          .prepare = prepare,
          .run = [memory] { memory->method->iterate(memory->run); }};
}

}  // namespace

std::vector<Row> rows_with_points() {
  return {{"chain", chain}, {"replay", replay_of_chain}, {"append", append}};
}

std::vector<Row> rows_of_history() { return {{"step", step_of_chain}, {"gram", gram_tables}, {"fit", fit}}; }

std::vector<Row> rows_of_dimension() {
  return {
      step_of_rule("sgd", std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1e-3})),
      step_of_rule("momentum", std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1e-3, .momentum = 0.9})),
      step_of_rule("nesterov", std::make_shared<Sgd>(
                                   Sgd::Options{.learning_rate = 1e-3, .momentum = 0.9, .nesterov = true})),
      step_of_rule("adagrad", std::make_shared<AdaGrad>(AdaGrad::Options{})),
      step_of_rule("rmsprop", std::make_shared<RmsProp>(RmsProp::Options{})),
      step_of_rule("adam", std::make_shared<Adam>(Adam::Options{})),
      {"whitened", whitened}};
}

}  // namespace optex::bench
