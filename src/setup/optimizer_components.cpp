#include "optex/optimizers/adagrad.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/rmsprop.hpp"
#include "optex/optimizers/sgd.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"

#include <utility>

#include "key_tables.hpp"

namespace optex {
namespace {

constexpr Range fraction{.min = 0.0, .max = 1.0, .open_max = true};  // decay rates

Schedule schedule_named(const std::string& name) {
  if (name == "linear") return Schedule::linear;
  if (name == "cosine") return Schedule::cosine;
  return Schedule::constant;
}

LearningRate learning_rate(const Config& config) {
  LearningRate rate(config.real("optimizer.learning_rate"));
  rate.schedule = schedule_named(config.text("optimizer.schedule"));
  rate.steps = config.integer_if_set("optimizer.schedule_steps").value_or(0);
  rate.warmup_steps = config.integer("optimizer.warmup_steps");
  return rate;
}

std::shared_ptr<const Optimizer> sgd(const Config& config) {
  return std::make_shared<Sgd>(
      Sgd::Options{.learning_rate = learning_rate(config),
                   .momentum = config.real_if_set("optimizer.momentum").value_or(0.0),
                   .nesterov = config.text("optimizer.name") == "nesterov",
                   .weight_decay = config.real("optimizer.weight_decay")});
}

std::shared_ptr<const Optimizer> adagrad(const Config& config) {
  return std::make_shared<AdaGrad>(AdaGrad::Options{.learning_rate = learning_rate(config),
                                                    .epsilon = config.real("optimizer.epsilon"),
                                                    .weight_decay = config.real("optimizer.weight_decay")});
}

std::shared_ptr<const Optimizer> rmsprop(const Config& config) {
  return std::make_shared<RmsProp>(RmsProp::Options{.learning_rate = learning_rate(config),
                                                    .alpha = config.real("optimizer.alpha"),
                                                    .epsilon = config.real("optimizer.epsilon"),
                                                    .momentum = config.real("optimizer.momentum"),
                                                    .weight_decay = config.real("optimizer.weight_decay")});
}

std::shared_ptr<const Optimizer> adam(const Config& config) {
  return std::make_shared<Adam>(Adam::Options{.learning_rate = learning_rate(config),
                                              .beta1 = config.real("optimizer.beta1"),
                                              .beta2 = config.real("optimizer.beta2"),
                                              .epsilon = config.real("optimizer.epsilon"),
                                              .weight_decay = config.real("optimizer.weight_decay"),
                                              .decoupled_decay = config.text("optimizer.name") == "adamw"});
}

}  // namespace

const Catalogue<OptimizerBuilder>& optimizers() {
  static const Catalogue<OptimizerBuilder> table = {
      {"sgd", "gradient descent", sgd},
      {"momentum", "gradient descent with heavy-ball momentum", sgd},
      {"nesterov", "gradient descent with Nesterov's momentum", sgd},
      {"adagrad", "steps scaled by the sum of squared gradients", adagrad},
      {"rmsprop", "steps scaled by a running mean of squared gradients", rmsprop},
      {"adam", "running means of gradients and their squares, bias-corrected", adam},
      {"adamw", "adam with decoupled weight decay", adam},
  };
  return table;
}

std::vector<Key> optimizer_keys() {
  const Condition decays{"optimizer.schedule", {"linear", "cosine"}};
  const Condition steps = methods_that([](const MethodTraits& method) { return method.has_rate; });
  const Condition takes_rule = methods_that([](const MethodTraits& method) { return method.has_optimizer; });
  const auto optimizer = [](std::vector<std::string_view> names) {
    return Condition{"optimizer.name", std::move(names)};
  };
  const std::vector<Key> keys = {
      choice_key("name", "adam", names_of(optimizers()), "explained by `optex list optimizers`",
                 {takes_rule}),
      real_key("learning_rate", {{"1e-2", optimizer({"adagrad", "rmsprop"})}, {"1e-3"}}, positive,
               "size of a step"),
      real_key("momentum", {{"0", optimizer({"rmsprop"})}, {"0.9"}}, fraction, "decay of the velocity",
               {optimizer({"momentum", "nesterov", "rmsprop"})}),
      real_key("alpha", "0.99", fraction, "decay of the mean square", {optimizer({"rmsprop"})}),
      real_key("beta1", "0.9", fraction, "decay of the mean gradient", {optimizer({"adam", "adamw"})}),
      real_key("beta2", "0.999", fraction, "decay of the mean square", {optimizer({"adam", "adamw"})}),
      real_key("epsilon", {{"1e-10", optimizer({"adagrad"})}, {"1e-8"}}, positive,
               "added to the root of the mean square", {optimizer({"adagrad", "rmsprop", "adam", "adamw"})}),
      real_key("weight_decay", {{"1e-2", optimizer({"adamw"})}, {"0"}}, not_negative,
               "pull towards 0: decoupled in adamw, else added to the gradient", {takes_rule}),
      choice_key("schedule", "constant", {"constant", "linear", "cosine"}, "how the learning rate goes to 0",
                 {takes_rule}),
      required(integer_key("schedule_steps", {}, count_from_one, "steps until it is 0, warm-up included",
                           {decays})),
      integer_key("warmup_steps", "0", count_or_none, "steps in which the learning rate rises linearly",
                  {takes_rule}),
  };
  return keys_of("optimizer", keys, {steps});
}

}  // namespace optex
