#include "gradient_places.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/read_vector.hpp"

#include <filesystem>

#include "option_values.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

Vector solution_of(const std::string& run, Index dimension) {
  const fs::path file = fs::path(run) / "results.h5";
  std::error_code no_matter;
  if (!fs::exists(file, no_matter))
    throw UsageError(fmt::format(
        "--at: {}: has no results.h5; say start, random, or the folder of a run that has ended", run));
  Vector theta = hdf5::read_vector(file.string(), "/solution/theta");
  if (theta.size() != dimension)
    throw UsageError(
        fmt::format("--at: {}: has {} coordinates, but the problem has {}", run, theta.size(), dimension));
  return theta;
}

/// Nearer and nearer to the start until F has a value there.
LookedAt look_elsewhere(Evaluator& evaluator, const Vector& start, Index number,
                        const GradientCheckOptions& options) {
  LookedAt looked{fmt::format("At random point {}", number), {}, {}};
  for (const double distance : {1.0, 0.1, 0.01}) {
    const Vector theta = point_elsewhere(start, options.bounds, options.seed, number, distance);
    try {
      looked.findings = check_gradient(evaluator, theta, options);
      looked.left_out.clear();
      return looked;
    } catch (const EvaluationError& error) {
      looked.left_out = error.what();
    } catch (const NumericalError& error) {
      looked.left_out = error.what();
    }
  }
  return looked;
}

}  // namespace

void read_places(const CommandLine& line, GradientCheckWishes& wishes) {
  if (!line.has("at")) return;
  wishes.at = list_option(line, "at");
  for (const std::string& word : wishes.at) {
    std::error_code no_matter;
    if (word != "start" && word != "random" && !fs::is_directory(word, no_matter))
      throw UsageError(fmt::format("--at: '{}' is neither start nor random nor a run's folder", word));
  }
}

CommandSyntax::Option places_option() {
  return {
      .name = "at",
      .value = "PLACES",
      .help =
          "start, random (points between the bounds, or off the start by its size), or the folder of a run "
          "whose solution is meant, with commas between them; start,random"};
}

void look_at_gradient(Evaluator& evaluator, const Config& config, const Vector& start,
                      GradientCheckWishes wishes, const std::function<void(const LookedAt&)>& tell) {
  wishes.options.bounds = assemble_bounds(config, start.size());
  wishes.options.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  for (const std::string& word : wishes.at) {
    if (word == "start")
      tell({"At the start", check_gradient(evaluator, start, wishes.options), {}});
    else if (word == "random")
      for (Index number = 1; number <= wishes.random_points; ++number)
        tell(look_elsewhere(evaluator, start, number, wishes.options));
    else
      tell({"At the solution of " + word,
            check_gradient(evaluator, solution_of(word, start.size()), wishes.options),
            {}});
  }
}

}  // namespace optex::app
