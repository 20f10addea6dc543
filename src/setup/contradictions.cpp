#include "optex/setup/footprint.hpp"

#include <cmath>
#include <cstdint>
#include <string>

#include "given.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

/// Of what the key names, where that is one of the catalogue's.
const CatalogueEntry<MethodBuilder>* given(const Config& config, const char* key,
                                           const Catalogue<MethodBuilder>& catalogue) {
  for (const auto& entry : catalogue)
    if (config.is(key, entry.name)) return &entry;
  return nullptr;
}

/// Rounds can only be closed early where the method can do without a point and make use of it later.
template <class Wrong>
void check_quorum(const Config& config, double quorum, Wrong wrong) {
  const auto must_be_one = [&](const std::string& why) { wrong("failure.quorum", "must be 1 " + why); };
  const auto* const method = given(config, "method.name", methods());
  if (method != nullptr && !method->traits.takes_late)
    return must_be_one(fmt::format(
        "with method.name = \"{}\": it has no use for a gradient that comes after its round", method->name));
  const std::int64_t points = config.integer_if_set("method.parallelism").value_or(1);
  const double enough = std::ceil(quorum * static_cast<double>(points) - 1e-9);
  if (points == 1)
    must_be_one("with method.parallelism = 1: the only point of a round is always waited for");
  else if (enough >= static_cast<double>(points))
    wrong("failure.quorum",
          fmt::format("must be 1 or at most {} with method.parallelism = {}: {} of them are all of them",
                      compact(static_cast<double>(points - 1) / static_cast<double>(points)), points,
                      compact(quorum)));
  if (config.integer_if_set("method.batches_per_point").value_or(1) > 1)
    must_be_one("with method.batches_per_point > 1: a point is then made of several gradients");
  if (config.is("parallel.data", "by_shard"))
    must_be_one("with parallel.data = \"by_shard\": every rank is needed for every point");
  if (config.is("failure.evaluation", "drop"))
    must_be_one("with failure.evaluation = \"drop\": a round that steps back closes with all its points");
  if (config.is("problem.name", "dqn"))
    must_be_one("with problem.name = \"dqn\": its function has moved on when a late gradient comes");
  if (config.is("problem.name", "external"))
    must_be_one("with problem.name = \"external\": a round ends when all its gradients are told");
}

/// A history that is spread over ranks is for methods whose work on long vectors all ranks can share, and
/// needs all of these ranks all the time.
template <class Wrong>
void check_spread_history(const Config& config, Wrong wrong) {
  const auto must_be = [&](std::string_view key, const std::string& value, const std::string& why) {
    wrong(key, fmt::format("must be {} with parallel.spread_history = true: {}", value, why));
  };
  const auto* const rule = given(config, "method.update", updates());
  if (rule != nullptr && rule->traits.needs_whole_vectors && is_bounded(config))
    must_be("method.update", "another one",
            fmt::format("in a box (problem.lower, problem.upper) \"{}\" needs all coordinates on rank 0",
                        rule->name));
  if (config.is("estimator.name", "mean"))
    must_be("estimator.name", "\"gp\"", "the mean of the last gradients needs no long history");
  if (config.real_if_set("failure.quorum").value_or(1.0) < 1.0)
    must_be("failure.quorum", "1", "a rank that still computes could not take its part in the chain");
  if (config.is("failure.evaluation", "drop"))
    must_be("failure.evaluation", "\"abort\" or \"retry\"", "steps back are not spread");
  if (config.is("failure.lost_rank", "continue"))
    must_be("failure.lost_rank", "\"abort\"",
            "a lost rank takes its slice with it; restart from the checkpoint");
  if (config.integer_if_set("parallel.ranks_per_worker").value_or(1) > 1)
    must_be("parallel.ranks_per_worker", "1", "ranks that compute together hold no slices");
  if (config.is("problem.name", "external"))
    must_be("problem.name", "another one", "optex ask and optex tell work on one rank");
}

/// Why gradients are noisy, as far as the configuration says; null: they are not.
const char* cause_of_noise(const Config& config) {
  if (config.integer_if_set("data.batch").value_or(0) > 0) return "data.batch";
  if (config.has("problem.noise.kind") && !config.is("problem.noise.kind", "none"))
    return "problem.noise.kind";
  return config.is_on("problem.noisy") ? "problem.noisy" : nullptr;
}

template <class Wrong>
void check_method(const Config& config, Wrong wrong) {
  const char* const cause = cause_of_noise(config);
  if (config.integer_if_set("method.history") == 1) {
    wrong("method.history", "must be 0 (the default of the update rule) or at least 2, found 1");
  }
  if (config.is("estimator.lengthscale", "paper") && config.is("estimator.nugget", "ml")) {
    wrong("estimator.nugget",
          "\"ml\" chooses nothing with estimator.lengthscale = \"paper\"; write a number, the publication "
          "has 1e-3");
  }
  if (config.integer_if_set("method.batches_per_point").value_or(1) > 1 && cause == nullptr) {
    wrong("method.batches_per_point",
          "must be 1: without mini-batches (data.batch, problem.noisy) or problem.noise all gradients at a "
          "point are the same");
  }
  if (config.is("method.name", "target") && config.is("method.average", "schedule_free"))
    wrong("method.average", "\"schedule_free\" is a rule of method.name = \"data_parallel\"");
  // These have an update rule of their own, with the names of Adam's keys.
  const auto* const method = given(config, "method.name", methods());
  const auto* const rule = given(config, "method.update", updates());
  if ((method != nullptr && method->traits.schedule_free) ||
      (config.is("method.name", "data_parallel") && config.is("method.average", "schedule_free"))) {
    const char* const why = "averages its iterates instead";
    if (config.has("optimizer.name") && !config.is("optimizer.name", "adam"))
      wrong("optimizer.name", "must be \"adam\" with a method that is schedule-free");
    if (config.has("optimizer.schedule") && !config.is("optimizer.schedule", "constant"))
      wrong("optimizer.schedule", fmt::format("must be \"constant\": a schedule-free method {}", why));
    if (config.integer_if_set("optimizer.warmup_steps").value_or(0) != 0)
      wrong("optimizer.warmup_steps", fmt::format("must be 0: a schedule-free method {}", why));
    if (config.real_if_set("optimizer.weight_decay").value_or(0.0) != 0.0)
      wrong("optimizer.weight_decay", "must be 0 with a method that is schedule-free");
  }
  if (rule != nullptr && rule->traits.exact_only && cause != nullptr)
    wrong(
        "method.update",
        fmt::format("\"{}\" needs exact gradients, but {} makes them noisy; \"auto\" takes a rule for noise",
                    rule->name, cause));
  if (method != nullptr && method->traits.exact_only && cause != nullptr)
    wrong("method.name",
          fmt::format("\"{}\" needs exact gradients, but {} makes them noisy; \"whitened\" and "
                      "\"data_parallel\" are for noise",
                      method->name, cause));
  const auto steps = config.integer_if_set("optimizer.schedule_steps");
  const auto warmup = config.integer_if_set("optimizer.warmup_steps");
  if (steps && warmup && *warmup >= *steps) {
    wrong("optimizer.warmup_steps",
          fmt::format("must be less than optimizer.schedule_steps = {}, found {}", *steps, *warmup));
  }
}

template <class Wrong>
void check_failure(const Config& config, Wrong wrong) {
  if (config.is("failure.evaluation", "retry") && config.integer_if_set("failure.retries") == 0)
    wrong("failure.retries", "must be at least 1 with failure.evaluation = \"retry\", found 0");
  if (config.integer_if_set("parallel.ranks_per_worker").value_or(1) > 1 &&
      config.integer_if_set("failure.retries").value_or(0) > 0)
    wrong(config.is("failure.evaluation", "retry") ? "failure.evaluation" : "failure.retries",
          "does not go with parallel.ranks_per_worker > 1: its ranks cannot try again one by one");
  if (config.integer_if_set("parallel.ranks_per_worker").value_or(1) > 1 &&
      config.is("failure.lost_rank", "continue"))
    wrong("failure.lost_rank",
          "must be \"abort\" with parallel.ranks_per_worker > 1: without one of them the others of a worker "
          "are stuck");
  if (config.is("parallel.data", "by_shard") && config.is("failure.lost_rank", "continue"))
    wrong("failure.lost_rank",
          "must be \"abort\" with parallel.data = \"by_shard\": nobody else has the data of a lost rank");
  if (spreads_history(config)) check_spread_history(config, wrong);
  const double quorum = config.real_if_set("failure.quorum").value_or(1.0);
  if (quorum > 0.0 && quorum < 1.0) check_quorum(config, quorum, wrong);
  if (config.is("problem.name", "external") && config.has("problem.dimension") &&
      config.origin("problem.dimension").source == Origin::Source::default_value)
    wrong("problem.name", "\"external\" needs problem.dimension, the number of coordinates");
  const auto evaluation_seconds = config.real_if_set("failure.evaluation_seconds");
  const auto stall_seconds = config.real_if_set("failure.stall_seconds");
  if (evaluation_seconds && stall_seconds && *evaluation_seconds >= *stall_seconds)
    wrong("failure.evaluation_seconds",
          fmt::format(
              "must be less than failure.stall_seconds = {}, or the whole rank is given up first; found {}",
              compact(*stall_seconds), compact(*evaluation_seconds)));
}

template <class Wrong>
void check_problem(const Config& config, Wrong wrong) {
  if (config.has("problem.lower") && config.has("problem.upper")) {
    const auto lower = config.number_if_any("problem.lower");
    const auto upper = config.number_if_any("problem.upper");
    if (lower && upper && *lower > *upper)
      wrong("problem.lower",
            fmt::format("must be at most problem.upper = {}, found {}", compact(*upper), compact(*lower)));
  }
  // Both couple neighbouring coordinates or spread eigenvalues over them: one coordinate has neither.
  if (config.is("problem.name", "rosenbrock") || config.is("problem.name", "quadratic")) {
    if (config.integer_if_set("problem.dimension") == 1) {
      wrong("problem.dimension", fmt::format("must be at least 2 with problem.name = \"{}\", found 1",
                                             config.text("problem.name")));
    }
  }
  if (config.has("problem.cells") && config.integers("problem.cells").size() != 2)
    wrong("problem.cells", fmt::format("must be two numbers, columns and rows, found {}",
                                       config.integers("problem.cells").size()));
  if (config.is("problem.unknown", "conductivity")) {
    const bool bounded = config.has("problem.lower");
    if (!bounded || config.number_if_any("problem.lower").value_or(1.0) <= 0.0)
      wrong("problem.unknown",
            "\"conductivity\" needs problem.lower > 0: a body that conducts nothing has no temperature");
  }
  const auto buffer = config.integer_if_set("problem.buffer");
  if (buffer) {
    if (config.integer_if_set("data.batch") == 0)
      wrong("data.batch", "must be at least 1 with problem.name = \"dqn\", found 0");
    for (const char* const key : {"data.shards", "data.batch"})
      if (config.integer_if_set(key).value_or(0) > *buffer)
        wrong(key,
              fmt::format("must be at most problem.buffer = {}, found {}", *buffer, config.integer(key)));
  }
  const auto sources = config.integer_if_set("problem.sources");
  if (sources) {
    for (const char* const key : {"data.shards", "data.batch"})
      if (config.integer_if_set(key).value_or(0) > *sources)
        wrong(key,
              fmt::format("must be at most problem.sources = {}, found {}", *sources, config.integer(key)));
  }
}

template <class Wrong>
void check_data(const Config& config, Wrong wrong) {
  if (config.has("data.format") && config.has("problem.name")) {
    const bool text = config.is("data.format", "text");
    if (text != config.is("problem.name", "char_lm"))
      wrong("data.format", text ? "\"text\" holds no labels; it is for problem.name = \"char_lm\""
                                : "must be \"text\" with problem.name = \"char_lm\"");
    if (config.is("data.source", "fashion-mnist") && !config.is("data.format", "idx"))
      wrong("data.source", "\"fashion-mnist\" is read with data.format = \"idx\"");
  }
  if (config.integer_if_set("data.classes") == 1)
    wrong("data.classes", "must be 0 (as the labels say) or at least 2, found 1");
  const auto limit = config.integer_if_set("data.limit");
  const auto shards = config.integer_if_set("data.shards");
  if (limit && shards && *limit > 0 && *shards > *limit) {
    wrong("data.shards", fmt::format("more shards ({}) than examples (data.limit = {})", *shards, *limit));
  }
  const auto batch = config.integer_if_set("data.batch");
  if (limit && batch && *limit > 0 && *batch > *limit) {
    wrong("data.batch",
          fmt::format("more examples a gradient ({}) than there are (data.limit = {})", *batch, *limit));
  }
}

}  // namespace

// Keys may be missing here: a configuration with other mistakes is checked too, so that all are told at once.
std::vector<Mistake> contradictions(const Config& config) {
  std::vector<Mistake> mistakes;
  const auto wrong = [&](std::string_view key, const std::string& what) {
    mistakes.push_back({config.origin(key), std::string(key), fmt::format("{}: {}", key, what)});
  };

  check_method(config, wrong);
  check_problem(config, wrong);
  check_failure(config, wrong);
  check_data(config, wrong);
  return mistakes;
}

}  // namespace optex
