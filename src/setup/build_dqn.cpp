#include "optex/objectives/dqn.hpp"
#include "optex/setup/footprint.hpp"

#include "key_tables.hpp"
#include "problem_builders.hpp"

namespace optex {

std::vector<Key> dqn_keys() {
  const Condition dqn{"problem.name", {"dqn"}};

  return {
      {.section = "problem",
       .name = "environment",
       .kind = Kind::choice,
       .defaults = {{"cartpole"}},
       .choices = {"cartpole", "mountain_car", "acrobot"},
       .applies = {dqn},
       .help = "CartPole-v1, MountainCar-v0 or Acrobot-v1"},
      {.section = "problem",
       .name = "buffer",
       .kind = Kind::integer,
       .defaults = {{"5000"}},
       .range = {.min = 2.0, .max = 1e8},
       .applies = {dqn},
       .help = "transitions that are remembered; full from the start"},
      {.section = "problem",
       .name = "steps_per_round",
       .kind = Kind::integer,
       .defaults = {{"8"}},
       .range = {.min = 1.0, .max = 1e6},
       .applies = {dqn},
       .help = "steps of the agent after each round"},
      {.section = "problem",
       .name = "target_every",
       .kind = Kind::integer,
       .defaults = {{"20"}},
       .range = {.min = 1.0, .max = 1e9},
       .applies = {dqn},
       .help = "rounds between two renewals of the target network"},
      {.section = "problem",
       .name = "discount",
       .kind = Kind::real,
       .defaults = {{"0.99"}},
       .range = {.min = 0.0, .max = 1.0},
       .applies = {dqn},
       .help = "of what comes a step later"},
      {.section = "problem",
       .name = "exploration",
       .kind = Kind::real,
       .defaults = {{"0.05"}},
       .range = {.min = 0.0, .max = 1.0},
       .applies = {dqn},
       .help = "share of random actions in the end"},
      {.section = "problem",
       .name = "exploration_steps",
       .kind = Kind::integer,
       .defaults = {{"5000"}},
       .range = {.min = 1.0, .max = 1e12},
       .applies = {dqn},
       .help = "steps of the agent over which it falls from 1"},
      {.section = "problem",
       .name = "longest_repeat",
       .kind = Kind::integer,
       .defaults = {{"1"}},
       .range = {.min = 1.0, .max = 1e6},
       .applies = {dqn},
       .help =
           "most steps for which a random action is repeated, k of them with a chance proportional to k^-2"},
      {.section = "problem",
       .name = "returns",
       .kind = Kind::integer,
       .defaults = {{"1"}},
       .range = {.min = 1.0, .max = 1000.0},
       .applies = {dqn},
       .help = "rewards that are summed before the target network is asked what comes after them"},
      {.section = "problem",
       .name = "double_q",
       .kind = Kind::boolean,
       .defaults = {{"false"}},
       .applies = {dqn},
       .help =
           "theta's network chooses the action that the target network judges: values are not overestimated"},
      {.section = "problem",
       .name = "reward_scale",
       .kind = Kind::real,
       .defaults = {{"1"}},
       .range = positive,
       .applies = {dqn},
       .help = "what the agent learns from is so many times the reward; mean_return is not scaled"},
      {.section = "problem",
       .name = "episodes",
       .kind = Kind::integer,
       .defaults = {{"20"}},
       .range = {.min = 1.0, .max = 1e6},
       .applies = {dqn},
       .help = "of which mean_return is the mean"},
  };
}

Problem build_dqn(const Config& config) {
  DqnOptions options;
  const std::string& environment = config.text("problem.environment");
  options.environment = environment == "mountain_car" ? EnvironmentKind::mountain_car
                        : environment == "acrobot"    ? EnvironmentKind::acrobot
                                                      : EnvironmentKind::cartpole;
  options.hidden.assign(config.integers("problem.hidden").begin(), config.integers("problem.hidden").end());
  options.activation = config.text("problem.activation") == "tanh" ? Activation::tanh : Activation::relu;
  options.buffer = config.integer("problem.buffer");
  options.steps_per_round = config.integer("problem.steps_per_round");
  options.target_every = config.integer("problem.target_every");
  options.discount = config.real("problem.discount");
  options.exploration = config.real("problem.exploration");
  options.exploration_steps = config.integer("problem.exploration_steps");
  options.longest_repeat = config.integer("problem.longest_repeat");
  options.returns = config.integer("problem.returns");
  options.double_q = config.boolean("problem.double_q");
  options.reward_scale = config.real("problem.reward_scale");
  options.episodes = config.integer("problem.episodes");
  options.batch = config.integer("data.batch");
  options.shards = config.integer("data.shards");
  options.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  auto objective = std::make_unique<Dqn>(options);
  refuse_dimension_beyond_memory("problem.hidden", objective->dimension());
  const double bytes = objective->bytes();
  return {std::move(objective), {}, {}, bytes};
}

}  // namespace optex
