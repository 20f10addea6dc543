#include "optex/core/errors.hpp"
#include "optex/core/signal_notes.hpp"
#include "optex/setup/assemble.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "commands.hpp"
#include "experiment.hpp"
#include "gradient_places.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

void tell_directions(const GradientFindings& findings) {
  std::string text = fmt::format("  {:<20} {:>22} {:>22} {:>10} {:>10}\n", "", "by the gradient",
                                 "by differences", "error", "uncertain");
  for (const DirectionFinding& direction : findings.directions)
    text += fmt::format("  {:<20} {:>22.12g} {:>22.12g} {:>10.1e} {:>10.1e}{}\n", direction.name,
                        direction.directional, direction.difference, direction.error, direction.uncertainty,
                        findings.is_wrong(direction) ? "  WRONG" : "");
  print(text);
}

/// How differences of the worst direction depend on the step: first curvature, then round-off.
void tell_sweep(const GradientFindings& findings) {
  const auto worst = std::max_element(findings.directions.begin(), findings.directions.end(),
                                      [](const auto& a, const auto& b) { return a.error < b.error; });
  if (worst == findings.directions.end()) return;
  std::string steps = fmt::format("  {:<20}", "step");
  std::string errors = fmt::format("  {:<20}", "relative difference");
  for (std::size_t k = 0; k < worst->steps.size(); ++k) {
    const double scale = std::max(std::abs(worst->directional), std::abs(worst->differences[k]));
    const double error = std::abs(worst->differences[k] - worst->directional);
    steps += fmt::format(" {:>7.1g}", worst->steps[k]);
    errors += fmt::format(" {:>7.0e}", scale > 0.0 ? error / scale : 0.0);
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

void tell(const LookedAt& looked) {
  if (!looked.left_out.empty()) {
    print_note(fmt::format("{}: left out: {}", looked.place, looked.left_out));
    return;
  }
  const GradientFindings& findings = looked.findings;
  const std::string moved =
      findings.moved == 0 ? "" : fmt::format(", {} coordinates moved off their bounds", findings.moved);
  print(fmt::format("{}: F = {:.12g}, |gradient| = {:.6g}{}\n", looked.place, findings.value, findings.norm,
                    moved));
  tell_directions(findings);
  tell_sweep(findings);
  constexpr double few_digits = 1e-10;
  if (findings.precision > few_digits)
    print(fmt::format("  The values have about {:.0f} digits (single precision inside?).\n",
                      -std::log10(findings.precision)));
  constexpr double rough = 1e-2;
  if (const double roughness = findings.roughness(); roughness > rough)
    print(
        fmt::format("  Differences do not settle ({:.0e}): F is noisy or not smooth here, or its values are "
                    "rounded; the check says little.\n",
                    roughness));
  if (!findings.right()) tell_worst(findings);
}

ExitCode check_problem(const GradientCheckWishes& wishes, const Scene& scene, Evaluator& evaluator) {
  const Config& config = scene.given.config;
  const Objective& objective = *scene.problem.objective;
  const Vector start = assemble_start(config, objective);
  print(fmt::format("{}, {} coordinates, {} shard{}{}\n", config.text("problem.name"), objective.dimension(),
                    objective.shard_count(), objective.shard_count() == 1 ? "" : "s",
                    wishes.options.sample.whole
                        ? ""
                        : fmt::format(", one mini-batch of {} samples (all data: --data.batch=0)",
                                      config.integer("data.batch"))));
  bool right = true;
  look_at_gradient(evaluator, config, start, wishes, [&](const LookedAt& looked) {
    tell(looked);
    right = right && looked.findings.right();
  });
  if (right) {
    print("The gradient agrees with the values.\n");
    return ExitCode::success;
  }
  print_error("the gradient is wrong: see above");
  return ExitCode::evaluation_failed;
}

int check_on(Ranks& ranks, const GradientCheckWishes& asked, const std::function<GivenConfig()>& configure) {
  SignalNotes::resign();
  const Scene scene = set_scene(ranks, configure);
  const Config& config = scene.given.config;
  if (!ranks.is_first()) {
    serve_in(ranks, scene);
    return 0;
  }
  GradientCheckWishes wishes = asked;
  // F of all data may take minutes, hundreds of times; a mini-batch goes the same way through the code.
  if (config.integer_if_set("data.batch").value_or(0) > 0)
    wishes.options.sample = SampleKey{.seed = static_cast<std::uint64_t>(config.integer("run.seed"))};
  const std::unique_ptr<Evaluator> evaluator =
      ranks.evaluator(*scene.problem.objective, work_sharing(config));
  try {
    return static_cast<int>(check_problem(wishes, scene, *evaluator));
  } catch (const Error& error) {
    if (error.code() == ExitCode::stall) throw;  // the others cannot end in good order then
    print_error(error.what());
    return static_cast<int>(error.code());
  }
}

ExitCode start_gradcheck(const CommandLine& line) {
  GradientCheckWishes wishes;
  constexpr Range from_one{.min = 1.0, .max = 1e6}, from_none{.min = 0.0, .max = 1e6};
  GradientCheckOptions& options = wishes.options;
  wishes.random_points = integer_option(line, "points", from_one).value_or(wishes.random_points + 1) - 1;
  options.directions = integer_option(line, "directions", from_one).value_or(options.directions);
  options.named = integer_option(line, "worst", from_none).value_or(options.named);
  const auto tolerance = real_option(line, "tolerance", {.min = 0.0, .open_min = true});
  if (tolerance) options.tolerance = *tolerance;
  read_places(line, wishes);
  return static_cast<ExitCode>(on_all_ranks(
      [&](Ranks& ranks) { return check_on(ranks, wishes, [&] { return given_config(line); }); }));
}

}  // namespace

Subcommand gradcheck_command() {
  return {
      {.name = "gradcheck",
       .help = "is the problem's gradient the gradient of its value?",
       .description =
           "Compares exact directional derivatives at the start and at random points within the bounds with "
           "differences of values; steps follow the size of each coordinate and the digits of the values. "
           "When they disagree it names the worst coordinates and ends with exit code 3. Under mpirun the "
           "evaluations are shared by the ranks. With data.batch it is F of one mini-batch that is checked.",
       .arguments = {{.name = "CONFIG", .help = "a TOML file"}},
       .options = {{.name = "directions", .value = "K", .help = "random directions at each point; 3"},
                   places_option(),
                   {.name = "points", .value = "K", .help = "the start and K - 1 random points; 3"},
                   {.name = "tolerance",
                    .value = "E",
                    .help = "relative error that passes; 1e-5, more where the values have few digits"},
                   {.name = "worst", .value = "K", .help = "coordinates to name when it is wrong; 3"}},
       .takes_keys = true,
       .examples = {{"optex gradcheck experiment.toml", "on this core"},
                    {"mpirun -n 8 optex gradcheck experiment.toml --points=5", "thoroughly, on eight ranks"},
                    {"optex gradcheck experiment.toml --at start,runs/experiment",
                     "at the start and at the solution of a run"}}},
      start_gradcheck,
      true};
}

}  // namespace optex::app
