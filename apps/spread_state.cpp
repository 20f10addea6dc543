#include "spread_state.hpp"

#include "optex/checkpoint/slices_of_state.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/monitor/arithmetic.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/footprint.hpp"
#include "optex/setup/update_rule.hpp"

#include <string>

namespace optex::app {
namespace {

const Vector* member_named(const RunState& run, const std::string& name) {
  if (name == "theta") return &run.theta;
  if (name == "average") return &run.noisy.average;
  if (name == "best_theta") return &run.best.theta;
  if (name == "good_theta") return &run.good.theta;
  throw Error(ExitCode::internal, "there is no whole \"" + name + "\" of a state that is spread");
}

/// It is whole on rank 0, and pairs of one run are all kept with it or all without.
void refuse_known_hessian(const Config& config, const Objective& objective) {
  const bool may_ask = effective_traits(config, objective.dimension()).needs_whole_vectors;
  if (!may_ask || objective.known_hessian(objective.initial_point()).empty()) return;
  throw UsageError(
      "parallel.spread_history: the objective says what it knows of its Hessian, and rule \"surrogate\" uses "
      "that on rank 0 only; leave the key out, or take method.update = \"replay\"");
}

}  // namespace

void spread_state(Ranks& ranks, const Scene& scene) {
  if (!spreads_history(scene.given.config)) return;
  ranks.agree_on([&] { refuse_known_hessian(scene.given.config, *scene.problem.objective); });
  // Each rank fits and reads for itself what rank 0 otherwise does for all.
  std::string files;
  ranks.agree_on([&] { files = expect_checkpoint(scene.given.config, scene.problem).coordinate_files; });
  ranks.check_same({{"arithmetic", arithmetic_here()},
                    {"numbers in the files of problem.lower, problem.upper and problem.scale", files}});
  ranks.agree_on([&] { ranks.form_slices(scene.problem.objective->dimension()); });
}

SpreadMethod::SpreadMethod(const Config& config, CoordinateSlices& slices, Evaluator& evaluator)
    : slices_(slices), evaluator_(evaluator, slices) {
  method_.emplace(slices, [&] { return assemble_method(config, evaluator_); });
}

RunState SpreadMethod::restore(const FoundCheckpoint& found, const Expectation& expected) {
  const SlicesInUse use(&slices_);
  return std::move(load_checkpoint(found.file, expected, &slices_).state);
}

Vector SpreadMethod::whole(const RunState& run, const Vector& member) {
  for (const std::string name : {"theta", "average", "best_theta", "good_theta"}) {
    if (member_named(run, name) != &member) continue;
    slices_.call(JointStep::answer);
    slices_.share(name);
    return slices_.gather(member);
  }
  throw Error(ExitCode::internal, "a vector that is spread was asked for without its name");
}

void serve_with_slice(Ranks& ranks, const Scene& scene) {
  const Config& config = scene.given.config;
  CoordinateSlices& slices = *ranks.slices();
  const auto next = [&] { return ranks.serve_until_called(*scene.problem.objective); };
  EvaluatorOfSlice evaluator(slices, [&] {
    const std::optional<JointStep> step = next();
    if (!step) throw Error(ExitCode::internal, "rank 0 ended the run within a round");
    return *step;
  });
  std::unique_ptr<Method> method;
  {
    const SlicesInUse use(&slices);
    method = assemble_method(config, evaluator);
  }
  take_sliced_steps(slices, *method, next, [&](JointStep step, RunState& run) {
    switch (step) {
      case JointStep::save:
        send_slices(run, slices);
        break;
      case JointStep::restore: {
        const SlicesInUse use(&slices);
        run = receive_slices(slices);
        break;
      }
      case JointStep::answer:
        slices.gather(*member_named(run, slices.share("")));
        break;
      default:
        throw Error(ExitCode::internal, "rank 0 called for a step out of turn");
    }
  });
}

}  // namespace optex::app
