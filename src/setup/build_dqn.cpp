#include "optex/objectives/dqn.hpp"
#include "optex/setup/footprint.hpp"

#include "problem_builders.hpp"

namespace optex {

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
