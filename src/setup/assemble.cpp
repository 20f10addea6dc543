#include "optex/setup/assemble.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/estimation/recent_mean.hpp"
#include "optex/files/content_hash.hpp"
#include "optex/hdf5/read_vector.hpp"
#include "optex/methods/batched.hpp"
#include "optex/methods/forgiving.hpp"
#include "optex/methods/keeping_best.hpp"
#include "optex/objectives/costly.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/retrying.hpp"
#include "optex/optimizers/projected.hpp"
#include "optex/setup/footprint.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "moved_files.hpp"
#include "problem_builders.hpp"
#include <fmt/format.h>
#include <sched.h>

namespace optex {
namespace {

NoiseKind noise_named(const std::string& name) {
  if (name == "student_t") return NoiseKind::student_t;
  if (name == "laplace") return NoiseKind::laplace;
  return NoiseKind::gaussian;
}

LengthscaleRule lengthscale_rule_named(const std::string& name) {
  if (name == "paper") return LengthscaleRule::paper;
  if (name == "median") return LengthscaleRule::median;
  return LengthscaleRule::maximum_likelihood;
}

std::string hash_text(const Config& config) { return fmt::format("{:016x}", config.numbers_hash()); }

std::string differences_text(const Config& config, const std::string& stored,
                             const std::string& stored_hashes, const std::string& hashes) {
  try {
    return differences_beyond_places(parse_config(stored, "stored configuration"), config, stored_hashes,
                                     hashes);
  } catch (const UsageError& error) {
    // Written by a version with other keys.
    return fmt::format("its configuration cannot be read by this version ({})", error.what());
  }
}

Vector standard_normal(Index dimension, std::int64_t seed) {
  const CounterRandom random(SampleKey{.seed = static_cast<std::uint64_t>(seed)}, Stream::initial_point);
  Vector theta(dimension);
  for (Index i = 0; i < dimension; ++i) theta[i] = random.normal(static_cast<std::uint64_t>(i));
  return theta;
}

/// The numbers at FILE.h5:/path, one for each coordinate (of a slice, its part of them).
Vector read_coordinates(const std::string& key, const std::string& place, Index dimension) {
  const std::size_t colon = place.rfind(":/");
  Vector numbers = hdf5::read_vector(place.substr(0, colon), place.substr(colon + 1));
  const Index whole = whole_length(dimension);
  if (numbers.size() != whole) {
    throw UsageError(fmt::format("{} = {}: {} coordinates, but the problem has {}", key, toml_string(place),
                                 numbers.size(), whole));
  }
  if (whole == dimension) return numbers;
  return numbers.segment(first_coordinate(dimension), dimension);
}

/// A number for all coordinates, or one for each from a file; `otherwise` when the key is not set.
Vector coordinates_of(const Config& config, const std::string& key, Index dimension, double otherwise) {
  if (!config.has(key)) return Vector::Constant(dimension, otherwise);
  if (const auto number = config.number_if_any(key)) return Vector::Constant(dimension, *number);
  if (const Vector* const numbers = config.attached(key)) return *numbers;
  return read_coordinates(key, config.text(key), dimension);
}

/// A line "KEY = FILE HASH" for each key that takes numbers from a file in every round: the file is read
/// again when a run is resumed.
std::string hashed_coordinate_files(const Config& config, Index dimension) {
  std::string lines;
  for (const std::string key : {"problem.lower", "problem.upper", "problem.scale"}) {
    if (!config.has(key) || config.number_if_any(key)) continue;
    lines += fmt::format("{} = {} {}\n", key, toml_string(config.text(key)),
                         content_hash(coordinates_of(config, key, dimension, 0.0)));
  }
  return lines;
}

/// In all coordinates; a file that holds infinite numbers is taken for one that does not.
bool is_finite_limit(const Config& config, const std::string& key) {
  if (const Vector* const numbers = config.attached(key)) return numbers->allFinite();
  return config.has(key) && std::isfinite(config.number_if_any(key).value_or(0.0));
}

Vector unbounded_start(const Config& config, const Objective& objective) {
  const std::string& initial = config.text("problem.initial");
  const Index dimension = objective.dimension();
  if (initial == "default") {
    Vector theta = objective.initial_point();
    const Index wrong = theta.size() - theta.array().isFinite().count();
    if (wrong > 0)
      throw UsageError(
          fmt::format("the objective's own start is not finite in {} of {} coordinates; problem.initial "
                      "(zeros, random, FILE.h5:/path) says another one",
                      wrong, theta.size()));
    return theta;
  }
  if (initial == "zeros") return Vector::Zero(dimension);
  if (initial == "random") return standard_normal(dimension, config.integer("run.seed"));
  const Vector* const attached = config.attached("problem.initial");
  Vector theta = attached != nullptr ? *attached : read_coordinates("problem.initial", initial, dimension);
  if (!all_finite(theta)) {
    throw UsageError(
        fmt::format("problem.initial = {}: holds a number that is not finite", toml_string(initial)));
  }
  return theta;
}

}  // namespace

Problem assemble_problem(const Config& config, const DataShare* share) {
  refuse_dimension_beyond_memory("problem.dimension", config.integer_if_set("problem.dimension").value_or(0));
  Problem problem = share != nullptr ? build_with_share(config, *share)
                                     : find_entry(problems(), config.text("problem.name"), "problem")(config);
  const std::string& kind = config.text("problem.noise.kind");
  if (kind != "none") {
    const NoiseOptions options{
        .kind = noise_named(kind),
        .sigma = config.real("problem.noise.sigma"),
        .degrees = config.real_if_set("problem.noise.degrees_of_freedom").value_or(3.0)};
    problem.objective = std::make_unique<Noisy>(std::move(problem.objective), options);
  }
  if (const auto retries = config.integer_if_set("failure.retries").value_or(0); retries > 0)
    problem.objective = std::make_unique<Retrying>(std::move(problem.objective), retries);
  const std::string& cost = config.text("problem.cost.kind");
  if (cost != "none")
    problem.objective = std::make_unique<Costly>(std::move(problem.objective),
                                                 cost == "sleep" ? CostKind::sleep : CostKind::compute,
                                                 config.real("problem.cost.seconds"));
  return problem;
}

std::shared_ptr<const Optimizer> assemble_optimizer(const Config& config) {
  if (!config.has("optimizer.name")) return nullptr;
  return find_entry(optimizers(), config.text("optimizer.name"), "optimizer")(config);
}

HyperparameterRules assemble_hyperparameters(const Config& config) {
  HyperparameterRules rules;
  if (const auto lengthscale = config.number_if_any("estimator.lengthscale")) {
    rules.lengthscale_rule = LengthscaleRule::fixed;
    rules.lengthscale = *lengthscale;
  } else {
    rules.lengthscale_rule = lengthscale_rule_named(config.text("estimator.lengthscale"));
  }
  rules.nugget = config.number_if_any("estimator.nugget");
  return rules;
}

std::shared_ptr<const Estimator> assemble_estimator(const Config& config) {
  if (config.text("estimator.name") == "mean")
    return std::make_shared<RecentMean>(config.integer("method.parallelism"));
  const PriorMean prior_mean =
      config.text("estimator.prior_mean") == "zero" ? PriorMean::zero : PriorMean::constant;
  return std::make_shared<GaussianProcess>(find_entry(kernels(), config.text("estimator.kernel"), "kernel")(),
                                           prior_mean, assemble_hyperparameters(config));
}

Precision assemble_precision(const Config& config) {
  return config.text("estimator.precision") == "f32" ? Precision::f32 : Precision::f64;
}

int assemble_threads(const Config& config, int ranks_here) {
  const auto wanted = static_cast<int>(config.integer("parallel.threads"));
  if (wanted > 0) return wanted;
  cpu_set_t mine;
  CPU_ZERO(&mine);
  const int cores = sched_getaffinity(0, sizeof mine, &mine) == 0 ? CPU_COUNT(&mine) : 1;
  return std::max(1, cores / std::max(1, ranks_here));
}

std::unique_ptr<Method> assemble_method(const Config& config, Evaluator& evaluator, KnownHessian known) {
  MethodParts parts{assemble_optimizer(config), std::move(known)};
  const Bounds bounds = assemble_bounds(config, evaluator.dimension());
  if (parts.optimizer && !bounds.none())
    parts.optimizer = std::make_shared<Projected>(std::move(parts.optimizer), bounds);
  const MethodBuilder build = find_entry(methods(), config.text("method.name"), "method");
  const auto on = [&](Evaluator& inner) -> std::unique_ptr<Method> {
    const auto plain = [&](Evaluator& innermost) { return build(config, innermost, parts); };
    if (config.text("failure.evaluation") != "drop") return plain(inner);
    const Forgiving::Options options{config.integer("failure.drops"), bounds,
                                     assemble_units(config, evaluator.dimension())};
    return std::make_unique<Forgiving>(inner, options, plain);
  };
  const Index batches = batches_at_a_point(config);
  std::unique_ptr<Method> method =
      batches > 1 ? std::make_unique<Batched>(evaluator, batches, on) : on(evaluator);
  // Values of mini-batches say nothing about which point is best.
  if (is_noisy(config)) return method;
  return std::make_unique<KeepingBest>(std::move(method));
}

Bounds assemble_bounds(const Config& config, Index dimension) {
  if (!is_bounded(config)) return {};
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Vector lower = coordinates_of(config, "problem.lower", dimension, -infinity);
  Vector upper = coordinates_of(config, "problem.upper", dimension, infinity);
  for (Index i = 0; i < dimension; ++i) {
    if (std::isnan(lower[i]) || lower[i] == infinity)
      throw UsageError(fmt::format("problem.lower: {} at coordinate {} is no lower bound", lower[i], i));
    if (std::isnan(upper[i]) || upper[i] == -infinity)
      throw UsageError(fmt::format("problem.upper: {} at coordinate {} is no upper bound", upper[i], i));
    if (lower[i] > upper[i])
      throw UsageError(fmt::format("problem.lower: {} at coordinate {} is above problem.upper = {} there",
                                   lower[i], i, upper[i]));
  }
  return {std::move(lower), std::move(upper)};
}

Units assemble_units(const Config& config, Index dimension) {
  if (!config.has("problem.scale")) return {};
  Vector scale = coordinates_of(config, "problem.scale", dimension, 1.0);
  for (Index i = 0; i < dimension; ++i) {
    if (!(scale[i] > 0.0) || !std::isfinite(scale[i]))
      throw UsageError(
          fmt::format("problem.scale: {} at coordinate {} is not a positive finite number", scale[i], i));
  }
  return Units(std::move(scale));
}

Vector assemble_start(const Config& config, const Objective& objective, std::vector<std::string>* notes) {
  Vector theta = unbounded_start(config, objective);
  const Bounds bounds = assemble_bounds(config, objective.dimension());
  if (bounds.contains(theta)) return theta;
  const Vector before = theta;
  bounds.project(theta);
  Index moved = 0;
  for (Index i = 0; i < theta.size(); ++i) moved += theta[i] == before[i] ? 0 : 1;
  if (notes != nullptr)
    notes->push_back(fmt::format(
        "the start lies outside problem.lower and problem.upper in {} of {} coordinates; it is moved to "
        "the nearest point within",
        moved, theta.size()));
  return theta;
}

StopRules assemble_stop_rules(const Config& config) {
  StopRules rules;
  rules.has_all_limits = is_finite_limit(config, "problem.lower") && is_finite_limit(config, "problem.upper");
  rules.iterations = config.integer_if_set("stop.iterations");
  rules.iterations_by_default = rules.iterations.has_value() &&
                                config.origin("stop.iterations").source == Origin::Source::default_value;
  rules.evaluations = config.integer_if_set("stop.evaluations");
  rules.seconds = config.real_if_set("stop.seconds");
  rules.value = config.real_if_set("stop.value");
  rules.gradient_norm = config.real_if_set("stop.gradient_norm");
  rules.patience = config.integer_if_set("stop.patience");
  rules.value_tolerance = config.real("stop.value_tolerance");
  if (config.text("method.name") != "optex" || config.text("method.update") != "auto")  // which may need none
    rules.epsilon = config.real_if_set("optimizer.epsilon").value_or(0.0);
  const auto of_exact = [&config](const char* key, double by_default) {
    const double found = config.real_if_set(key).value_or(is_noisy(config) ? 0.0 : by_default);
    return found > 0.0 ? std::optional(found) : std::nullopt;
  };
  rules.gradient_tolerance = of_exact("stop.gradient_tolerance", StopRules::default_gradient_tolerance);
  rules.precision = of_exact("stop.precision", StopRules::default_precision);
  return rules;
}

CheckpointSchedule assemble_checkpoint_schedule(const Config& config) {
  const Interval& every = config.interval("checkpoint.every");
  CheckpointSchedule schedule;
  if (every.iterations > 0) schedule.iterations = every.iterations;
  if (every.seconds > 0.0) schedule.seconds = every.seconds;
  schedule.in_background = true;
  schedule.keep = config.integer("checkpoint.keep");
  return schedule;
}

namespace {

/// Every file whose content makes the numbers, as RunDescription has them.
std::string hashed_files(const Config& config, const Problem& problem) {
  std::string lines = hashed_coordinate_files(config, problem.objective->dimension());
  if (!problem.library_hash.empty()) lines += fmt::format("problem.library {}\n", problem.library_hash);
  return lines;
}

}  // namespace

RunDescription describe_run(const Config& config, const Problem& problem) {
  RunDescription run;
  run.config = config.to_toml();
  run.config_hash = hash_text(config);
  run.optimizer = config.has("optimizer.name") ? config.text("optimizer.name") : "none";
  run.seed = config.integer("run.seed");
  if (problem.train) {
    run.data_source = problem.train->source;
    run.data_hash = problem.train->hash;
    run.data_samples = problem.train->samples;
    run.data_shards = problem.objective->shard_count();
  }
  run.coordinate_files = hashed_files(config, problem) + hashes_of_places(config, problem);
  return run;
}

Expectation expect_checkpoint(const Config& config, const Problem& problem) {
  Expectation expected;
  expected.dimension = problem.objective->dimension();
  expected.history_capacity = history_capacity(config, expected.dimension);
  expected.config_hash = hash_text(config);
  if (problem.train) expected.data_hash = problem.train->hash;
  expected.coordinate_files = hashed_files(config, problem);
  expected.differences = [config, hashes = hashes_of_places(config, problem)](
                             const std::string& stored, const std::string& stored_hashes) {
    return differences_text(config, stored, stored_hashes, hashes);
  };
  return expected;
}

std::filesystem::path run_folder(const Config& config) {
  return std::filesystem::path(config.text("run.output")) / config.text("run.name");
}

}  // namespace optex
