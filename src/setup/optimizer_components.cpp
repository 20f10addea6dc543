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
  return {
      {.section = "optimizer",
       .name = "name",
       .kind = Kind::choice,
       .defaults = {{"adam"}},
       .choices = names_of(optimizers()),
       .applies = {steps, takes_rule},
       .help = "explained by `optex list optimizers`"},
      {.section = "optimizer",
       .name = "learning_rate",
       .kind = Kind::real,
       .defaults = {{"1e-2", optimizer({"adagrad", "rmsprop"})}, {"1e-3"}},
       .range = positive,
       .applies = {steps},
       .help = "size of a step"},
      {.section = "optimizer",
       .name = "momentum",
       .kind = Kind::real,
       .defaults = {{"0", optimizer({"rmsprop"})}, {"0.9"}},
       .range = fraction,
       .applies = {steps, optimizer({"momentum", "nesterov", "rmsprop"})},
       .help = "decay of the velocity"},
      {.section = "optimizer",
       .name = "alpha",
       .kind = Kind::real,
       .defaults = {{"0.99"}},
       .range = fraction,
       .applies = {steps, optimizer({"rmsprop"})},
       .help = "decay of the mean square"},
      {.section = "optimizer",
       .name = "beta1",
       .kind = Kind::real,
       .defaults = {{"0.9"}},
       .range = fraction,
       .applies = {steps, optimizer({"adam", "adamw"})},
       .help = "decay of the mean gradient"},
      {.section = "optimizer",
       .name = "beta2",
       .kind = Kind::real,
       .defaults = {{"0.999"}},
       .range = fraction,
       .applies = {steps, optimizer({"adam", "adamw"})},
       .help = "decay of the mean square"},
      {.section = "optimizer",
       .name = "epsilon",
       .kind = Kind::real,
       .defaults = {{"1e-10", optimizer({"adagrad"})}, {"1e-8"}},
       .range = positive,
       .applies = {steps, optimizer({"adagrad", "rmsprop", "adam", "adamw"})},
       .help = "added to the root of the mean square"},
      {.section = "optimizer",
       .name = "weight_decay",
       .kind = Kind::real,
       .defaults = {{"1e-2", optimizer({"adamw"})}, {"0"}},
       .range = not_negative,
       .applies = {steps, takes_rule},
       .help = "pull towards 0: decoupled in adamw, else added to the gradient"},
      {.section = "optimizer",
       .name = "schedule",
       .kind = Kind::choice,
       .defaults = {{"constant"}},
       .choices = {"constant", "linear", "cosine"},
       .applies = {steps, takes_rule},
       .help = "how the learning rate goes to 0"},
      {.section = "optimizer",
       .name = "schedule_steps",
       .kind = Kind::integer,
       .required = true,
       .range = count_from_one,
       .applies = {steps, decays},
       .help = "steps until it is 0, warm-up included"},
      {.section = "optimizer",
       .name = "warmup_steps",
       .kind = Kind::integer,
       .defaults = {{"0"}},
       .range = count_or_none,
       .applies = {steps, takes_rule},
       .help = "steps in which the learning rate rises linearly"},
  };
}

}  // namespace optex
