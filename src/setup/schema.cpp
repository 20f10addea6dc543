#include "optex/setup/schema.hpp"

#include "optex/setup/catalogue.hpp"

#include <algorithm>
#include <stdexcept>

namespace optex {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Range positive{.min = 0.0, .open_min = true};
constexpr Range not_negative{.min = 0.0};
constexpr Range fraction{.min = 0.0, .max = 1.0, .open_max = true};  // decay rates
constexpr Range at_least_one{.min = 1.0};

const std::vector<Section>& section_table() {
  static const std::vector<Section> table = {
      {"run", "the run itself"},
      {"problem", "what is minimised"},
      {"problem.noise", "noise added to gradients, for experiments"},
      {"data", "for problems that learn from data"},
      {"optimizer", "the first-order rule that makes a step out of a gradient"},
      {"method", "how a round spends its parallel gradients"},
      {"estimator", "the Gaussian process that predicts gradients"},
      {"parallel", "how the ranks are used"},
      {"stop", "when a run is over: the first rule that is met"},
      {"checkpoint", "what is kept for a restart"},
      {"failure", "what happens when something breaks"},
      {"log", "what is said on the way"},
  };
  return table;
}

// Conditions name keys further up: a key's section and place decide only what the user reads.
std::vector<Key> key_table() {
  const Condition test_function{
      "problem.name",
      {"sphere", "ackley", "rosenbrock", "quadratic", "absolute_deviation", "styblinski_tang"}};
  const Condition has_data{"problem.name", {"softmax"}};
  const Condition noisy{"problem.noise.kind", {"gaussian", "student_t", "laplace"}};
  const Condition decays{"optimizer.schedule", {"linear", "cosine"}};
  const Condition paper{"method.preset", {"paper"}};
  const Condition optex{"method.name", {"optex"}};
  const Condition replay{"method.update", {"replay"}};

  const auto optimizer = [](std::vector<std::string_view> names) {
    return Condition{"optimizer.name", std::move(names)};
  };

  return {
      {.section = "run",
       .name = "name",
       .kind = Kind::file_name,
       .help = "the run's folder within `output`",
       .default_words = "the file's name without .toml"},
      {.section = "run",
       .name = "seed",
       .kind = Kind::integer,
       .defaults = {{"0"}},
       .range = not_negative,
       .help = "of every random draw"},
      {.section = "run",
       .name = "output",
       .defaults = {{"runs"}},
       .help = "folder that holds the runs' folders"},

      {.section = "problem",
       .name = "name",
       .kind = Kind::choice,
       .required = true,
       .choices = names_of(problems()),
       .help = "explained by `optex list problems`"},
      {.section = "problem",
       .name = "dimension",
       .kind = Kind::integer,
       .defaults = {{"1000"}},
       .range = {.min = 1.0, .max = 1e12},
       .applies = {test_function},
       .help = "number of coordinates"},
      {.section = "problem",
       .name = "initial",
       .kind = Kind::choice_or_dataset,
       .defaults = {{"default"}},
       .choices = {"default", "zeros", "random"},
       .help = "start: the problem's own, zeros, standard normal, or FILE.h5:/path"},
      {.section = "problem",
       .name = "condition",
       .kind = Kind::real,
       .defaults = {{"1e4"}},
       .range = at_least_one,
       .applies = {{"problem.name", {"quadratic"}}},
       .help = "largest over smallest eigenvalue"},
      {.section = "problem",
       .name = "l2",
       .kind = Kind::real,
       .defaults = {{"1e-4"}},
       .range = not_negative,
       .applies = {has_data},
       .help = "weight of the squared norm of the weights"},

      {.section = "problem.noise",
       .name = "kind",
       .kind = Kind::choice,
       .defaults = {{"none"}},
       .choices = {"none", "gaussian", "student_t", "laplace"},
       .help = "distribution of the noise on each coordinate of a gradient"},
      {.section = "problem.noise",
       .name = "sigma",
       .kind = Kind::real,
       .required = true,
       .range = positive,
       .applies = {noisy},
       .help = "its scale"},
      {.section = "problem.noise",
       .name = "degrees_of_freedom",
       .kind = Kind::real,
       .defaults = {{"3"}},
       .range = at_least_one,
       .applies = {{"problem.noise.kind", {"student_t"}}},
       .help = "of Student's t: the smaller, the heavier the tails"},

      {.section = "data",
       .name = "source",
       .kind = Kind::choice_or_folder,
       .defaults = {{"fashion-mnist"}},
       .choices = {"fashion-mnist"},
       .applies = {has_data},
       .help = "Debian's dataset-fashion-mnist, or a folder"},
      {.section = "data",
       .name = "format",
       .kind = Kind::choice,
       .defaults = {{"idx"}},
       .choices = {"idx"},
       .applies = {has_data},
       .help = "of the files there: IDX as MNIST has it, plain or gzip"},
      {.section = "data",
       .name = "shards",
       .kind = Kind::integer,
       .defaults = {{"1"}},
       .range = {.min = 1.0, .max = 1e9},
       .applies = {has_data},
       .help = "pieces that ranks work on; any number of ranks gives the same digits"},
      {.section = "data",
       .name = "batch",
       .kind = Kind::integer,
       .defaults = {{"0"}},
       .range = not_negative,
       .applies = {has_data},
       .help = "examples a gradient; 0 is all of them"},
      {.section = "data",
       .name = "limit",
       .kind = Kind::integer,
       .defaults = {{"0"}},
       .range = not_negative,
       .applies = {has_data},
       .help = "use only the first so many examples; 0 is all of them"},

      {.section = "optimizer",
       .name = "name",
       .kind = Kind::choice,
       .defaults = {{"adam"}},
       .choices = names_of(optimizers()),
       .help = "explained by `optex list optimizers`"},
      {.section = "optimizer",
       .name = "learning_rate",
       .kind = Kind::real,
       .defaults = {{"1e-2", optimizer({"adagrad", "rmsprop"})}, {"1e-3"}},
       .range = positive,
       .help = "size of a step"},
      {.section = "optimizer",
       .name = "momentum",
       .kind = Kind::real,
       .defaults = {{"0", optimizer({"rmsprop"})}, {"0.9"}},
       .range = fraction,
       .applies = {optimizer({"momentum", "nesterov", "rmsprop"})},
       .help = "decay of the velocity"},
      {.section = "optimizer",
       .name = "alpha",
       .kind = Kind::real,
       .defaults = {{"0.99"}},
       .range = fraction,
       .applies = {optimizer({"rmsprop"})},
       .help = "decay of the mean square"},
      {.section = "optimizer",
       .name = "beta1",
       .kind = Kind::real,
       .defaults = {{"0.9"}},
       .range = fraction,
       .applies = {optimizer({"adam", "adamw"})},
       .help = "decay of the mean gradient"},
      {.section = "optimizer",
       .name = "beta2",
       .kind = Kind::real,
       .defaults = {{"0.999"}},
       .range = fraction,
       .applies = {optimizer({"adam", "adamw"})},
       .help = "decay of the mean square"},
      {.section = "optimizer",
       .name = "epsilon",
       .kind = Kind::real,
       .defaults = {{"1e-10", optimizer({"adagrad"})}, {"1e-8"}},
       .range = positive,
       .applies = {optimizer({"adagrad", "rmsprop", "adam", "adamw"})},
       .help = "added to the root of the mean square"},
      {.section = "optimizer",
       .name = "weight_decay",
       .kind = Kind::real,
       .defaults = {{"1e-2", optimizer({"adamw"})}, {"0"}},
       .range = not_negative,
       .help = "pull towards 0: decoupled in adamw, else added to the gradient"},
      {.section = "optimizer",
       .name = "schedule",
       .kind = Kind::choice,
       .defaults = {{"constant"}},
       .choices = {"constant", "linear", "cosine"},
       .help = "how the learning rate goes to 0"},
      {.section = "optimizer",
       .name = "schedule_steps",
       .kind = Kind::integer,
       .required = true,
       .range = at_least_one,
       .applies = {decays},
       .help = "steps until it is 0, warm-up included"},
      {.section = "optimizer",
       .name = "warmup_steps",
       .kind = Kind::integer,
       .defaults = {{"0"}},
       .range = not_negative,
       .help = "steps in which the learning rate rises linearly"},

      {.section = "method",
       .name = "name",
       .kind = Kind::choice,
       .defaults = {{"optex"}},
       .choices = names_of(methods()),
       .help = "explained by `optex list methods`"},
      {.section = "method",
       .name = "preset",
       .kind = Kind::choice,
       .defaults = {{"none"}},
       .choices = {"none", "paper"},
       .applies = {optex},
       .help = "paper: other defaults below, those of the publication"},
      {.section = "method",
       .name = "parallelism",
       .kind = Kind::integer,
       .defaults = {{"4"}},
       .range = {.min = 1.0, .max = 65536.0},
       .applies = {{"method.name", {"optex", "target", "data_parallel"}}},
       .help = "N, gradients evaluated side by side in a round"},
      {.section = "method",
       .name = "update",
       .kind = Kind::choice,
       .defaults = {{"last", paper}, {"replay"}},
       .choices = names_of(updates()),
       .applies = {optex},
       .help = "explained by `optex list updates`"},
      {.section = "method",
       .name = "history",
       .kind = Kind::integer,
       .defaults = {{"0"}},
       .range = {.min = 0.0, .max = 100000.0},
       .applies = {optex},
       .help = "T0, pairs of point and gradient that are kept; 0 is max(20, 6 N)"},
      {.section = "method",
       .name = "reach",
       .kind = Kind::integer,
       .defaults = {{"512"}},
       .range = {.min = 1.0, .max = 1e9},
       .applies = {replay},
       .help = "largest depth of the chain of predicted steps"},
      {.section = "method",
       .name = "tolerance",
       .kind = Kind::real,
       .defaults = {{"0.5"}},
       .range = positive,
       .applies = {replay},
       .help = "relative error of a prediction at which a replay stops"},
      {.section = "method",
       .name = "guard_window",
       .kind = Kind::integer,
       .defaults = {{"10"}},
       .range = {.min = 1.0, .max = 1e6},
       .applies = {replay},
       .help = "rounds whose largest value a replay may not exceed"},

      {.section = "estimator",
       .name = "kernel",
       .kind = Kind::choice,
       .defaults = {{"matern52"}},
       .choices = names_of(kernels()),
       .applies = {optex},
       .help = "explained by `optex list kernels`"},
      {.section = "estimator",
       .name = "lengthscale",
       .kind = Kind::choice_or_real,
       .defaults = {{"paper", paper}, {"ml"}},
       .range = positive,
       .choices = {"ml", "paper", "median"},
       .applies = {optex},
       .help = "ml: maximum likelihood; paper: the publication's rule; median distance"},
      {.section = "estimator",
       .name = "nugget",
       .kind = Kind::choice_or_real,
       .defaults = {{"1e-3", Condition{"estimator.lengthscale", {"paper"}}}, {"ml"}},
       .range = not_negative,
       .choices = {"ml"},
       .applies = {optex},
       .help = "noise variance over signal variance; ml: maximum likelihood"},
      {.section = "estimator",
       .name = "prior_mean",
       .kind = Kind::choice,
       .defaults = {{"zero", paper}, {"constant"}},
       .choices = {"constant", "zero"},
       .applies = {optex},
       .help = "constant: unknown and estimated; zero: the publication's"},

      {.section = "parallel",
       .name = "coordinator_evaluates",
       .kind = Kind::boolean,
       .defaults = {{"true"}},
       .help = "rank 0 computes gradients too; alone it always does"},

      {.section = "stop",
       .name = "iterations",
       .kind = Kind::integer,
       .range = at_least_one,
       .help = "rounds",
       .default_words = "100 when no rule is given"},
      {.section = "stop",
       .name = "evaluations",
       .kind = Kind::integer,
       .range = at_least_one,
       .help = "gradients"},
      {.section = "stop",
       .name = "seconds",
       .kind = Kind::real,
       .range = positive,
       .help = "wall time, restarts included"},
      {.section = "stop", .name = "value", .kind = Kind::real, .help = "a value seen is at most this"},
      {.section = "stop",
       .name = "gradient_norm",
       .kind = Kind::real,
       .range = not_negative,
       .help = "the norm of the gradient at the iterate is at most this"},
      {.section = "stop",
       .name = "patience",
       .kind = Kind::integer,
       .range = at_least_one,
       .help = "rounds without a new best value"},

      {.section = "checkpoint",
       .name = "every",
       .kind = Kind::interval,
       .defaults = {{"10 iterations"}},
       .help = "how often; at the end and on a signal always"},
      {.section = "checkpoint",
       .name = "keep",
       .kind = Kind::integer,
       .defaults = {{"3"}},
       .range = at_least_one,
       .help = "the last so many stay"},

      {.section = "failure",
       .name = "stall_seconds",
       .kind = Kind::real,
       .defaults = {{"1800"}},
       .range = positive,
       .help = "a rank silent for so long ends the run (exit 7)"},

      {.section = "log",
       .name = "every",
       .kind = Kind::integer,
       .defaults = {{"1"}},
       .range = at_least_one,
       .help = "rounds between two plain lines"},
      {.section = "log",
       .name = "level",
       .kind = Kind::choice,
       .defaults = {{"info"}},
       .choices = {"error", "warning", "info", "debug"},
       .help = "what is said on stderr"},
      {.section = "log",
       .name = "format",
       .kind = Kind::choice,
       .defaults = {{"text"}},
       .choices = {"text", "json"},
       .help = "of the lines on stderr"},
  };
}

}  // namespace

Schema::Schema(std::vector<Section> sections, std::vector<Key> keys)
    : sections_(std::move(sections)), keys_(std::move(keys)) {}

const Key* Schema::find(std::string_view full_name) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) {
    return full_name.size() == key.section.size() + 1 + key.name.size() &&
           full_name.starts_with(key.section) && full_name[key.section.size()] == '.' &&
           full_name.ends_with(key.name);
  });
  return found == keys_.end() ? nullptr : &*found;
}

bool Schema::has_section(std::string_view name) const {
  return std::any_of(sections_.begin(), sections_.end(), [&](const Section& s) { return s.name == name; });
}

const Schema& schema() {
  static const Schema instance(section_table(), key_table());
  return instance;
}

bool determines_numbers(const Key& key) {
  const auto within = [&](std::string_view section) {
    return key.section == section || key.section.starts_with(std::string(section) + ".");
  };
  return (key.section == "run" && key.name == "seed") || within("problem") || within("data") ||
         within("optimizer") || within("method") || within("estimator");
}

}  // namespace optex
