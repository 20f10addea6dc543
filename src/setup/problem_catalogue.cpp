// What can be minimised by name.
#include "optex/core/errors.hpp"
#include "optex/external/command.hpp"
#include "optex/external/elsewhere.hpp"
#include "optex/external/plugin.hpp"
#include "optex/files/content_hash.hpp"
#include "optex/files/reading.hpp"
#include "optex/objectives/quadratic.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/footprint.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "problem_builders.hpp"

namespace optex {
namespace {

template <class Function>
Problem test_function(const Config& config) {
  return {std::make_unique<Function>(config.integer("problem.dimension"))};
}

Problem quadratic(const Config& config) {
  return {std::make_unique<Quadratic>(config.integer("problem.dimension"), config.real("problem.condition"))};
}

ExternalSettings external_settings(const Config& config) {
  ExternalSettings settings;
  settings.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  for (const auto& [name, option] : config.options("problem.options"))
    settings.options.push_back({name, plain_text(option), std::holds_alternative<std::string>(option)});
  return settings;
}

/// What the configuration and the objective say about noise must agree: methods are chosen by the former.
Problem external_problem(const Config& config, std::unique_ptr<const Objective> objective) {
  refuse_dimension_beyond_memory("the dimension of problem.name", objective->dimension());
  if (objective->is_noisy() && !config.boolean("problem.noisy"))
    throw UsageError(
        "problem.noisy: the objective says that its gradients depend on the sample key; write noisy = true");
  return {std::move(objective)};
}

Problem plugin(const Config& config) {
  const std::string& library = config.text("problem.library");
  auto plugin = std::make_unique<Plugin>(library, external_settings(config));
  const bool uses_mpi = plugin->uses_mpi();
  Problem problem = external_problem(config, std::move(plugin));
  problem.uses_mpi = uses_mpi;
  problem.library_hash = content_hash(
      files::read_text(files::open_for_reading(library), std::numeric_limits<std::uintmax_t>::max()));
  return problem;
}

/// PYTHONPATH with this program's own Python module at its end, so that `import optex` finds it.
std::string python_path() {
  const char* const variable = std::getenv("PYTHONPATH");
  std::string path = variable != nullptr ? variable : "";
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto folder = program.parent_path().parent_path() / "share/optex/python";
  if (!error && std::filesystem::is_directory(folder, error))
    path += (path.empty() ? "" : ":") + folder.string();
  return path;
}

/// Below failure.stall_seconds, so that the rank lives to tell what happened.
double evaluation_seconds(const Config& config) {
  constexpr double share = 0.75;
  return config.real_if_set("failure.evaluation_seconds")
      .value_or(share * config.real("failure.stall_seconds"));
}

Problem command(const Config& config) {
  CommandOptions options;
  options.words = config.texts("problem.command");
  options.folder = config.text("problem.directory");
  if (const std::string path = python_path(); !path.empty()) options.environment = {{"PYTHONPATH", path}};
  options.single_precision = config.text("problem.precision") == "f32";
  options.evaluation_seconds = evaluation_seconds(config);
  return external_problem(config, std::make_unique<Command>(std::move(options), external_settings(config)));
}

Problem elsewhere(const Config& config) {
  return {std::make_unique<Elsewhere>(config.integer("problem.dimension"))};
}

}  // namespace

const Catalogue<ProblemBuilder>& problems() {
  static const Catalogue<ProblemBuilder> table = {
      {"sphere", "mean of squares; the easiest there is", test_function<Sphere>},
      {"ackley", "nearly flat outside, many local minima", test_function<Ackley>},
      {"rosenbrock", "a curved valley; neighbouring coordinates are coupled", test_function<Rosenbrock>},
      {"quadratic", "dense quadratic with a condition number of choice", quadratic},
      {"absolute_deviation", "weighted absolute distances; not smooth", test_function<AbsoluteDeviation>},
      {"styblinski_tang", "separable quartic, 2^d local minima", test_function<StyblinskiTang>},
      {"logistic", "logistic regression, two classes, dense or sparse data", build_logistic},
      {"softmax", "multinomial logistic regression, exact or by mini-batches, dense or sparse data",
       build_softmax},
      {"mlp", "fully connected network that tells classes apart, exact or by mini-batches", build_mlp},
      {"char_lm", "the next character of a text from the last few: embeddings, one hidden layer",
       build_char_lm},
      {"dqn", "deep Q-learning of a control task: replay buffer, target network; F moves", build_dqn},
      {"heat_inversion",
       "conductivity from temperatures: finite volumes, adjoint gradient, exact and expensive",
       build_heat_inversion},
      {"plugin", "your own, in a shared library with a plain C interface", plugin},
      {"command", "your own, in a program of any language that runs beside each rank", command},
      {"external", "your own, computed by whatever you start between `optex ask` and `optex tell`",
       elsewhere},
  };
  return table;
}

}  // namespace optex
