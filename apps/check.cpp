#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/signal_notes.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/quorum.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/footprint.hpp"
#include "optex/setup/update_rule.hpp"
#include "optex/text/host_name.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "commands.hpp"
#include "experiment.hpp"
#include "gradient_places.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include "ranks.hpp"
#include "repeatability.hpp"
#include <fmt/format.h>
#include <unistd.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

/// What was found, in the order of the checks: everything is told, the first mistake decides the exit code.
struct Findings {
  std::vector<TextRow> facts;
  std::vector<Error> mistakes;
  std::vector<std::string> notes;

  void fact(const std::string& what, const std::string& text) { facts.push_back({what, text}); }
};

std::optional<std::int64_t> ranks_in(const CommandLine& line) {
  return integer_option(line, "ranks", {.min = 1.0, .max = 1e7});
}

std::string describe(const DataDescription& data) {
  if (data.features == 0)
    return fmt::format("{} characters, {} different ones, {}, hash {}", data.samples, data.classes,
                       data.source, data.hash.substr(0, 12));
  return fmt::format("{} samples of {} features in {} classes, {}, hash {}", data.samples, data.features,
                     data.classes, data.source, data.hash.substr(0, 12));
}

/// "optex, auto (surrogate)", "optex, replay, with adam", "lbfgs".
std::string describe_method(const Config& config, Index dimension) {
  std::string text = config.text("method.name");
  if (config.has("method.update")) {
    const std::string& asked = config.text("method.update");
    const std::string taken = effective_update(config, dimension);
    text += ", " + asked + (asked == taken ? "" : " (" + taken + ")");
  }
  if (config.has("optimizer.name") && effective_traits(config, dimension).has_optimizer)
    text += ", with " + config.text("optimizer.name");
  return text;
}

void check_output(const Config& config, const Footprint& need, Findings& findings) {
  const fs::path folder = run_folder(config);
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error))) {
    findings.mistakes.push_back(OutputExistsError(fmt::format(
        "{}: is already there; go on with --resume, start over with --force, or give another run.name",
        folder.string())));
    return;
  }
  fs::path parent = absolute_path(folder).parent_path();
  while (!fs::exists(parent, error) && parent != parent.root_path()) parent = parent.parent_path();
  if (!fs::is_directory(parent, error)) {
    findings.mistakes.push_back(IoError(
        fmt::format("{}: is not a folder, so the run's folder cannot be made in it", parent.string())));
    return;
  }
  if (access(parent.c_str(), W_OK | X_OK) != 0) {
    findings.mistakes.push_back(IoError(
        fmt::format("{}: cannot be written, so the run's folder cannot be made in it", parent.string())));
    return;
  }
  const fs::space_info space = fs::space(parent, error);
  const double disk = error ? -1.0 : static_cast<double>(space.available);
  // One more than are kept: the new one is whole before an old one goes.
  const double checkpoints =
      need.checkpoint_bytes * static_cast<double>(config.integer("checkpoint.keep") + 1);
  findings.fact("output", fmt::format("{} is free; {} on disk for checkpoints{}", folder.string(),
                                      bytes_text(checkpoints),
                                      disk < 0.0 ? "" : fmt::format(", {} available", bytes_text(disk))));
  if (disk >= 0.0 && checkpoints > disk) {
    findings.mistakes.push_back(IoError(fmt::format(
        "{}: {} available, but {} checkpoints of {} are kept at a time", parent.string(), bytes_text(disk),
        config.integer("checkpoint.keep") + 1, bytes_text(need.checkpoint_bytes))));
  }
}

void describe_work(const Footprint& need, bool by_shard, Findings& findings) {
  const double busy = 100.0 * static_cast<double>(need.tasks) /
                      (static_cast<double>(need.busiest_tasks) * static_cast<double>(need.evaluating_ranks));
  findings.fact(
      "work",
      fmt::format("{} point{} x {} shard{} on {} rank{}: at most {} of {} tasks on one, {:.0f} % busy",
                  need.points, need.points == 1 ? "" : "s", need.shards, need.shards == 1 ? "" : "s",
                  need.evaluating_ranks, need.evaluating_ranks == 1 ? "" : "s", need.busiest_tasks,
                  need.tasks, busy));
  if (by_shard && need.shards < need.evaluating_ranks)
    findings.notes.push_back(
        fmt::format("{} of {} ranks will have nothing to do: parallel.data = \"by_shard\" gives each its own "
                    "of the {} shards",
                    need.evaluating_ranks - need.shards, need.evaluating_ranks, need.shards));
  else if (need.tasks < need.evaluating_ranks) {
    findings.notes.push_back(
        fmt::format("{} of {} ranks will have nothing to do; more shards or points would use them",
                    need.evaluating_ranks - need.tasks, need.evaluating_ranks));
  }
}

void describe_quorum(const Config& config, const Footprint& need, Findings& findings) {
  const double quorum = config.real("failure.quorum");
  if (quorum >= 1.0) return;
  findings.fact("quorum",
                fmt::format("a round of {} points may be closed when {} are there, the iterate among "
                            "them; late gradients join the history; events.jsonl has what arrived "
                            "when, for --replay",
                            need.points, answers_to_close(quorum, need.points)));
  if (need.ranks == 1)
    findings.notes.push_back(
        "failure.quorum has no effect on one rank: everything has arrived when a round ends");
}

void describe_memory(const Footprint& need, Findings& findings) {
  const std::string failures =
      need.failure_bytes > 0.0 ? fmt::format("failures {}; ", bytes_text(need.failure_bytes)) : "";
  findings.fact(
      "memory, rank 0",
      fmt::format("{} (history of {}: {}; its tables {}; optimizer {}; a round {}; {}data {})",
                  bytes_text(need.coordinator_total()), need.history, bytes_text(need.history_bytes),
                  bytes_text(need.table_bytes), bytes_text(need.moment_bytes), bytes_text(need.round_bytes),
                  failures, bytes_text(need.data_bytes)));
  if (need.ranks > 1) {
    const std::string data =
        need.least_data_bytes == need.worker_data_bytes
            ? bytes_text(need.worker_data_bytes)
            : fmt::format("{} to {}", bytes_text(need.least_data_bytes), bytes_text(need.worker_data_bytes));
    const std::string slice =
        need.slice_holders > 1 ? fmt::format("; slice of the state {}", bytes_text(need.slice_bytes)) : "";
    findings.fact("memory, others",
                  fmt::format("at most {} each (point, gradient and sums {}; data {}{})",
                              bytes_text(need.worker_total()), bytes_text(need.worker_bytes), data, slice));
  }
  findings.fact("messages", fmt::format("{} out and {} in on rank 0 a round", bytes_text(need.sent_bytes),
                                        bytes_text(need.received_bytes)));
}

/// As `optex gradcheck` does it, with one random direction beside the gradient's own.
void evaluate(const Config& config, const Objective& objective, const Vector& start,
              GradientCheckWishes wishes, Findings& findings) {
  SerialEvaluator evaluator(objective);
  wishes.options.directions = 1;
  wishes.options.named = 0;
  look_at_gradient(evaluator, config, start, wishes, [&](const LookedAt& looked) {
    if (!looked.left_out.empty()) {
      findings.notes.push_back(
          fmt::format("{}: the gradient was not looked at: {}", looked.place, looked.left_out));
      return;
    }
    const GradientFindings& found = looked.findings;
    const std::string where = looked.place.substr(std::strlen("At "));
    findings.fact("value", fmt::format("{:.10g} at {}, exact; gradient norm {:.6g}; {:.3g} s on one core",
                                       found.value, where, found.norm, found.seconds));
    if (found.norm == 0.0 && where == "the start")
      findings.notes.push_back("the gradient is 0 at the start: the run will not move");
    if (found.directions.empty()) return;
    const auto worst = std::max_element(found.directions.begin(), found.directions.end(),
                                        [](const auto& a, const auto& b) { return a.error < b.error; });
    const std::string numbers = fmt::format(
        "{:.10g} by differences of values, {:.10g} by the gradient (relative error {:.1e}, uncertain "
        "{:.1e})",
        worst->difference, worst->directional, worst->error, worst->uncertainty);
    findings.fact("gradient", numbers);
    if (!found.right())
      findings.mistakes.push_back(EvaluationError(fmt::format(
          "the gradient is wrong at {}: {}; optex gradcheck names the coordinates", where, numbers)));
  });
}

/// Other digits are no mistake (sums of a graphics card in changing order), but then no promise holds.
void repeat(const Objective& objective, const Vector& start, Findings& findings) {
  const Repeatability probe = probe_repeatability(objective, start);
  const std::string asked = fmt::format("{} evaluations on {} shard{}", probe.evaluations, probe.shards,
                                        probe.shards == 1 ? "" : "s");
  if (probe.holds()) {
    findings.fact("repeatable",
                  fmt::format("yes, bit for bit: again and in another order ({}); a run gives the "
                              "same numbers on any number of ranks and after any restart",
                              asked));
    return;
  }
  findings.fact("repeatable",
                fmt::format("no: {} ({})",
                            probe.again ? "other digits after another point or in another order of the shards"
                                        : "other digits when it is asked the same again",
                            asked));
  findings.notes.push_back(fmt::format(
      "the objective does not repeat itself ({}): another number of ranks or a restart gives other numbers; "
      "draws must be functions of the sample key, and sums must run in a fixed order",
      probe.difference));
}

void inspect_problem(const Config& config, int ranks, const std::optional<GradientCheckWishes>& wishes,
                     Findings& findings) {
  tell_place(0, {host_name()});
  // A gradient on this core needs all data; without one it is enough to go through them.
  std::optional<DataShare> share;
  if (keeps_by_shard(config)) share = share_of_rank(config, survey_data(config), 0, wishes ? 1 : ranks);
  const Problem problem = assemble_problem(config, share ? &*share : nullptr);
  const Objective& objective = *problem.objective;
  const auto together = static_cast<int>(config.integer_if_set("parallel.ranks_per_worker").value_or(1));
  if (ranks % together != 0)
    findings.mistakes.push_back(LaunchError(fmt::format(
        "parallel.ranks_per_worker = {}: {} ranks cannot be divided into such groups", together, ranks)));
  const Footprint need = footprint(config, problem, std::max(1, ranks / together));
  findings.fact("method", describe_method(config, objective.dimension()));
  findings.fact("problem",
                fmt::format("{}, {} coordinates, {}", config.text("problem.name"), objective.dimension(),
                            objective.is_noisy() ? "noisy gradients" : "exact gradients"));
  if (problem.train) findings.fact("data", describe(*problem.train));
  if (problem.test) findings.fact("test data", describe(*problem.test));
  describe_work(need, keeps_by_shard(config), findings);
  describe_quorum(config, need, findings);
  describe_memory(need, findings);
  if (const std::string note = spread_note(config, need); !note.empty()) findings.notes.push_back(note);
  check_output(config, need, findings);
  const bool averages = config.has("method.parallelism") && config.text("method.name") != "optex" &&
                        config.text("method.name") != "target";
  if (averages && config.integer("method.parallelism") > need.points) {
    findings.notes.push_back(fmt::format(
        "gradients are exact, so {} computes one a round, not the {} equal ones of method.parallelism",
        config.text("method.name"), config.integer("method.parallelism")));
  }
  refuse_oversized(need, machine_memory());
  const Vector start = assemble_start(config, objective, &findings.notes);
  assemble_units(config, objective.dimension());
  if (!wishes) return;
  evaluate(config, objective, start, *wishes, findings);
  repeat(objective, start, findings);
}

ExitCode check(const CommandLine& line, const Config& config) {
  Findings findings;
  findings.notes = config.notes();
  findings.fact("configuration", fmt::format("{}: ok", line.arguments.front()));
  std::optional<GradientCheckWishes> wishes;
  if (line.has("evaluate") || line.has("at")) read_places(line, wishes.emplace());
  try {
    // Without a word about ranks it is as many as one worker needs at least.
    const auto together = config.integer_if_set("parallel.ranks_per_worker").value_or(1);
    const auto here = std::max<std::int64_t>(launcher_size(), together);
    inspect_problem(config, static_cast<int>(ranks_in(line).value_or(here)), wishes, findings);
  } catch (const Error& error) {
    findings.mistakes.push_back(error);
  }
  print(two_columns(findings.facts, terminal_style()));
  for (const std::string& note : findings.notes) print_note("note: " + note);
  for (const Error& mistake : findings.mistakes) print_error(mistake.what());
  return findings.mistakes.empty() ? ExitCode::success : findings.mistakes.front().code();
}

/// A plug-in may use MPI, which only all ranks of a launch can begin together; then one of them checks.
ExitCode check_with_mpi(const CommandLine& line, const Config& config) {
  constexpr double for_ever = 1e6;
  return static_cast<ExitCode>(on_all_ranks([&](Ranks& ranks) {
    SignalNotes::resign();
    ExitCode code = ExitCode::success;
    ranks.set_stall_seconds(for_ever);
    ranks.agree_on([&] {
      if (ranks.is_first()) code = check(line, config);
    });
    return static_cast<int>(code);
  }));
}

ExitCode start_check(const CommandLine& line) {
  std::optional<Config> config;
  try {
    ranks_in(line);
    config.emplace(read_config(line.arguments.front(), line.overrides));
  } catch (const Error& error) {
    // All ranks of a launch come here with the same mistake, and the launcher ends all with the first.
    if (is_speaker()) throw;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return error.code();
  }
  if (config->text("problem.name") == "plugin") return check_with_mpi(line, *config);
  return is_speaker() ? check(line, *config) : ExitCode::success;
}

}  // namespace

Subcommand check_command() {
  return {
      {.name = "check",
       .help = "everything that can be wrong with a run, before a queue slot is taken",
       .description =
           "Checks the configuration, reads the data and the start, looks whether the run's folder is "
           "free and writable, and says how much memory, disk and traffic the run needs.",
       .arguments = {{.name = "CONFIG", .help = "a TOML file"}},
       .options =
           {{.name = "ranks",
             .value = "P",
             .help = "for so many ranks; without it as many as the launcher says, or one"},
            {.name = "evaluate",
             .help = "compare gradients with differences of values, as gradcheck does, and ask for one again "
                     "(some 40 evaluations, and 26 of single shards, on this core)"},
            places_option()},
       .takes_keys = true,
       .examples = {{"optex check experiment.toml --ranks 64", "will it fit, and are 64 ranks of use?"},
                    {"optex check experiment.toml --evaluate",
                     "is the gradient right, and how long does it take?"}}},
      start_check,
      true};
}

}  // namespace optex::app
