#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/signal_notes.hpp"
#include "optex/evaluation/gradient_check.hpp"
#include "optex/setup/assemble.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "commands.hpp"
#include "experiment.hpp"
#include "output.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

struct Request {
  std::int64_t points = 2;
  GradientCheckOptions check;
  std::optional<double> tolerance;
};

/// A point near the start, where nothing is symmetric or zero by chance; within the bounds.
Vector displaced(const Config& config, const Vector& start, std::int64_t number) {
  constexpr double distance = 0.01;  // in sizes of coordinates
  SampleKey key;
  key.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  key.point = static_cast<std::int32_t>(number);
  const CounterRandom random(key, Stream::direction);
  const double size = 1.0 + norm(start) / std::sqrt(static_cast<double>(start.size()));
  Vector theta = start;
  for (Index i = 0; i < theta.size(); ++i)
    theta[i] += distance * size * random.normal(static_cast<std::uint64_t>(i));
  assemble_bounds(config, theta.size()).project(theta);
  return theta;
}

std::string direction_name(const GradientFindings& findings, std::size_t number) {
  if (findings.norm > 0.0 && number == 0) return "along the gradient";
  return fmt::format("random direction {}", findings.norm > 0.0 ? number : number + 1);
}

void tell_directions(const GradientFindings& findings) {
  std::string text = fmt::format("  {:<20} {:>22} {:>22} {:>12} {:>10}\n", "", "by the gradient",
                                 "by differences", "error", "step");
  for (std::size_t i = 0; i < findings.directions.size(); ++i) {
    const DirectionFinding& direction = findings.directions[i];
    text += fmt::format("  {:<20} {:>22.12g} {:>22.12g} {:>12.1e} {:>10.1e}{}\n", direction_name(findings, i),
                        direction.directional, direction.difference(), direction.error,
                        findings.steps[direction.chosen], findings.is_wrong(direction) ? "  WRONG" : "");
  }
  print(text);
}

/// How differences depend on the step: first curvature, then round-off.
void tell_sweep(const GradientFindings& findings) {
  std::string steps = fmt::format("  {:<20}", "step");
  std::string errors = fmt::format("  {:<20}", "relative difference");
  for (std::size_t k = 0; k < findings.steps.size(); ++k) {
    double largest = 0.0;
    for (const DirectionFinding& direction : findings.directions) {
      const double scale = std::max({std::abs(direction.directional), std::abs(direction.difference())});
      if (scale > 0.0)
        largest = std::max(largest, std::abs(direction.differences[k] - direction.directional) / scale);
    }
    steps += fmt::format(" {:>8.0e}", findings.steps[k]);
    errors += fmt::format(" {:>8.0e}", largest);
  }
  print(steps + "\n" + errors + "\n");
}

void tell_worst(const GradientFindings& findings) {
  std::string text;
  if (const double factor = findings.common_factor(); factor != 0.0)
    text += fmt::format("  Everywhere the gradient is {:.6g} times what differences say: {}.\n", factor,
                        factor < 0.0 ? "a sign is wrong" : "a factor is wrong in value or gradient");
  text += fmt::format("  {:<20} {:>22} {:>22}\n", "worst coordinates", "gradient", "by differences");
  for (const CoordinateFinding& found : findings.worst)
    text +=
        fmt::format("  {:<20} {:>22.12g} {:>22.12g}\n", found.coordinate, found.gradient, found.difference);
  print(text);
}

/// Tells about one point; true when the gradient is right there.
bool check_at(Evaluator& evaluator, const Vector& theta, const std::string& where,
              const GradientCheckOptions& options) {
  const GradientFindings findings = check_gradient(evaluator, theta, options);
  print(fmt::format("{}: F = {:.12g}, |gradient| = {:.6g}\n", where, findings.value, findings.norm));
  tell_directions(findings);
  tell_sweep(findings);
  const double roughness = findings.roughness();
  if (roughness > 1e-2)
    print(
        fmt::format("  Differences do not settle ({:.0e}): F is noisy or not smooth here, or its values are "
                    "rounded; the check says little.\n",
                    roughness));
  if (!findings.right()) tell_worst(findings);
  return findings.right();
}

ExitCode check_problem(const Request& request, const Scene& scene, Evaluator& evaluator) {
  const Config& config = scene.given.config;
  const Objective& objective = *scene.problem.objective;
  const Vector start = assemble_start(config, objective);
  print(fmt::format("{}, {} coordinates, {} shard{}{}\n", config.text("problem.name"), objective.dimension(),
                    objective.shard_count(), objective.shard_count() == 1 ? "" : "s",
                    request.check.sample.whole
                        ? ""
                        : fmt::format(", one mini-batch of {} samples (all data: --data.batch=0)",
                                      config.integer("data.batch"))));
  std::int64_t wrong = 0;
  for (std::int64_t point = 0; point < request.points; ++point) {
    const bool at_start = point == 0;
    try {
      const bool right =
          check_at(evaluator, at_start ? start : displaced(config, start, point),
                   at_start ? "At the start" : fmt::format("Near the start, {}", point), request.check);
      wrong += right ? 0 : 1;
    } catch (const EvaluationError& error) {
      if (at_start) throw;
      print_note(fmt::format("a point near the start was left out: {}", error.what()));
    }
  }
  if (wrong == 0) {
    print("The gradient agrees with the values.\n");
    return ExitCode::success;
  }
  print_error("the gradient is wrong: see above");
  return ExitCode::evaluation_failed;
}

int check_on(Ranks& ranks, const Request& asked, const std::function<GivenConfig()>& configure) {
  SignalNotes::resign();
  const Scene scene = set_scene(ranks, configure);
  const Config& config = scene.given.config;
  if (!ranks.is_first()) {
    serve_in(ranks, scene);
    return 0;
  }
  Request request = asked;
  request.check.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  // F of all data may take minutes, hundreds of times; a mini-batch goes the same way through the code.
  if (config.integer_if_set("data.batch").value_or(0) > 0)
    request.check.sample = SampleKey{.seed = request.check.seed};
  // What travels as 32-bit floats cannot agree better.
  const bool singles = config.has("problem.precision") && config.text("problem.precision") == "f32";
  if (!request.tolerance && singles) request.check.tolerance = 1e-3;
  if (singles) request.check.rounding = 1.2e-7;
  const std::unique_ptr<Evaluator> evaluator =
      ranks.evaluator(*scene.problem.objective, work_sharing(config));
  try {
    return static_cast<int>(check_problem(request, scene, *evaluator));
  } catch (const Error& error) {
    if (error.code() == ExitCode::stall) throw;  // the others cannot end in good order then
    print_error(error.what());
    return static_cast<int>(error.code());
  }
}

std::int64_t count_option(const CommandLine& line, const std::string& option, std::int64_t otherwise,
                          std::int64_t smallest) {
  if (!line.has(option)) return otherwise;
  const auto value = parse_integer(line.option(option));
  if (!value || *value < smallest || *value > 1'000'000)
    throw UsageError(
        fmt::format("--{}: must be an integer >= {}, found '{}'", option, smallest, line.option(option)));
  return *value;
}

ExitCode start_gradcheck(const CommandLine& line) {
  Request request;
  request.points = count_option(line, "points", request.points, 1);
  request.check.directions = count_option(line, "directions", request.check.directions, 1);
  request.check.named = count_option(line, "worst", request.check.named, 0);
  if (line.has("tolerance")) {
    const auto tolerance = parse_real(line.option("tolerance"));
    if (!tolerance || !(*tolerance > 0.0) || !std::isfinite(*tolerance))
      throw UsageError(
          fmt::format("--tolerance: must be a number > 0, found '{}'", line.option("tolerance")));
    request.tolerance = request.check.tolerance = *tolerance;
  }
  const std::string file = line.arguments.front();
  const auto configure = [=, overrides = line.overrides] {
    return GivenConfig{read_config_text(file), read_config(file, overrides)};
  };
  return static_cast<ExitCode>(
      on_all_ranks([&](Ranks& ranks) { return check_on(ranks, request, configure); }));
}

}  // namespace

Subcommand gradcheck_command() {
  return {
      {.name = "gradcheck",
       .help = "is the problem's gradient the gradient of its value?",
       .description =
           "Compares exact directional derivatives at the start and near it with differences of values over "
           "seven steps. When they disagree it names the worst coordinates and ends with exit code 3. Under "
           "mpirun the evaluations are shared by the ranks. With data.batch it is F of one mini-batch that "
           "is "
           "checked.",
       .arguments = {{.name = "CONFIG", .help = "a TOML file"}},
       .options = {{.name = "directions", .value = "K", .help = "random directions at each point; 3"},
                   {.name = "points", .value = "K", .help = "the start and K - 1 points near it; 2"},
                   {.name = "tolerance",
                    .value = "E",
                    .help = "relative error that passes; 1e-5, or 1e-3 with problem.precision = \"f32\""},
                   {.name = "worst", .value = "K", .help = "coordinates to name when it is wrong; 3"}},
       .takes_keys = true,
       .examples = {{"optex gradcheck experiment.toml", "on this core"},
                    {"mpirun -n 8 optex gradcheck experiment.toml --points=5",
                     "thoroughly, on eight ranks"}}},
      start_gradcheck,
      true};
}

}  // namespace optex::app
