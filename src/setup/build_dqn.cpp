#include "optex/objectives/dqn.hpp"
#include "optex/setup/footprint.hpp"

#include "key_tables.hpp"
#include "problem_builders.hpp"

namespace optex {

std::vector<Key> dqn_keys() {
  const std::vector<Key> keys = {
      choice_key("environment", "cartpole", {"cartpole", "mountain_car", "acrobot"},
                 "CartPole-v1, MountainCar-v0 or Acrobot-v1"),
      integer_key("buffer", "5000", between(2.0, 1e8),
                  "transitions that are remembered; full from the start"),
      integer_key("steps_per_round", "8", between(1.0, 1e6), "steps of the agent after each round"),
      integer_key("target_every", "20", between(1.0, 1e9),
                  "rounds between two renewals of the target network"),
      real_key("discount", "0.99", between(0.0, 1.0), "of what comes a step later"),
      real_key("exploration", "0.05", between(0.0, 1.0), "share of random actions in the end"),
      integer_key("exploration_steps", "5000", between(1.0, 1e12),
                  "steps of the agent over which it falls from 1"),
      integer_key("longest_repeat", "1", between(1.0, 1e6),
                  "most steps for which a random action is repeated, k of them with a chance "
                  "proportional to k^-2"),
      integer_key("returns", "1", between(1.0, 1000.0),
                  "rewards that are summed before the target network is asked what comes after them"),
      boolean_key("double_q", "false",
                  "theta's network chooses the action that the target network judges: values are not "
                  "overestimated"),
      real_key("reward_scale", "1", positive,
               "what the agent learns from is so many times the reward; mean_return is not scaled"),
      integer_key("episodes", "20", between(1.0, 1e6), "of which mean_return is the mean"),
  };
  return keys_of("problem", keys, {{"problem.name", {"dqn"}}});
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
