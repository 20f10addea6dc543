#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/hdf5/file.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "asked_round.hpp"
#include "commands.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

/// Answers by the number of their point.
using Answers = std::vector<std::pair<Index, Evaluation>>;

Vector raw_numbers(const fs::path& file, Index dimension) {
  const files::Descriptor in = files::open_for_reading(file);
  const auto wanted = static_cast<std::uintmax_t>(dimension) * sizeof(double);
  if (in.size() != wanted)
    throw UsageError(fmt::format("{}: {} bytes, but a gradient has {} ({} doubles)", file.string(), in.size(),
                                 wanted, dimension));
  Vector numbers(dimension);
  if (in.read_at(0, reinterpret_cast<char*>(numbers.data()), wanted) != wanted)
    throw IoError(fmt::format("{}: became shorter while it was read", file.string()));
  return numbers;
}

/// /number n, /value n, /gradient n x d (or d when n = 1).
Answers answers_in(const fs::path& file, Index dimension) {
  const hdf5::File in = hdf5::File::open(file);
  const std::vector<std::int64_t> numbers = in.read_integers("/number");
  const Vector values = in.read_vector("/value");
  const hdf5::Dataset gradients = in.dataset("/gradient");
  const bool single = gradients.rank() == 1;
  const Index rows = single ? 1 : gradients.rows();
  const Index columns = single ? gradients.rows() : gradients.columns();
  if (values.size() != std::ssize(numbers) || rows != values.size() || columns != dimension)
    throw UsageError(
        fmt::format("{}: {} numbers, {} values, gradients of {} x {}; wanted are as many of each, and {} "
                    "coordinates",
                    file.string(), numbers.size(), values.size(), rows, columns, dimension));
  Answers answers;
  for (Index row = 0; row < rows; ++row) {
    Evaluation answer;
    answer.value = values[row];
    answer.gradient.resize(dimension);
    if (single)
      gradients.read_rows(0, dimension, answer.gradient.data());
    else
      gradients.read_rows(row, 1, answer.gradient.data());
    answers.emplace_back(numbers[static_cast<std::size_t>(row)], std::move(answer));
  }
  return answers;
}

Answers read_answers(const CommandLine& line, Index dimension) {
  const bool has_file = line.arguments.size() > 1;
  const Index point = integer_option(line, "point", {}).value_or(0);
  if (line.has("failed")) {
    if (has_file || !line.has("point") || line.has("value"))
      throw UsageError("a failed point is told with --point=K --failed=REASON and nothing else");
    Evaluation answer;
    answer.failure = line.option("failed").empty() ? "no reason given" : line.option("failed");
    return {{point, std::move(answer)}};
  }
  if (!has_file) throw UsageError("missing FILE with the gradient, or --point=K --failed=REASON");
  if (line.has("point") != line.has("value"))
    throw UsageError("raw doubles need both --point=K and --value=F; an HDF5 file needs neither");
  if (!line.has("point")) return answers_in(line.arguments[1], dimension);
  Evaluation answer;
  const auto value = parse_real(line.option("value"));
  if (!value) throw UsageError(fmt::format("--value: must be a number, found '{}'", line.option("value")));
  answer.value = *value;
  answer.gradient = raw_numbers(line.arguments[1], dimension);
  return {{point, std::move(answer)}};
}

ExitCode start_tell(const CommandLine& line) {
  const fs::path folder = line.arguments.front();
  const auto opened = files::Folder::open_if_there(folder);
  const std::optional<AskedRound> asked = opened ? std::optional<AskedRound>(*opened) : std::nullopt;
  const auto facts = asked ? asked->facts() : std::nullopt;
  if (!facts)
    throw UsageError(
        fmt::format("{}: no points have been asked for; see 'optex ask --help'", folder.string()));
  if (facts->points == 0)
    throw UsageError(fmt::format("{}: the run is finished, no points are open", folder.string()));
  if (integer_option(line, "round", {}).value_or(facts->round) != facts->round)
    throw UsageError(
        fmt::format("--round: the open round is {}, found {}: this answer comes too late, or too early",
                    facts->round, line.option("round")));
  const Answers answers = read_answers(line, facts->dimension);
  const files::Descriptor turn = asked->take_turn();
  std::set<Index> seen;
  for (const auto& [number, answer] : answers) {
    if (!seen.insert(number).second)
      throw UsageError(fmt::format("{}: holds point {} twice; nothing was taken", line.arguments[1], number));
    if (number < 0 || number >= facts->points)
      throw UsageError(fmt::format("there is no point {} in round {}, which has points 0 to {}", number,
                                   facts->round, facts->points - 1));
    const auto before = asked->read_answer(facts->round, number, facts->dimension);
    if (before && before->problem.empty() && !line.has("again"))
      throw UsageError(fmt::format("point {} of round {} has its answer already; --again replaces it", number,
                                   facts->round));
  }
  for (const auto& [number, answer] : answers) asked->write_answer(facts->round, number, answer);
  const Index open = facts->points - asked->answered(facts->round);
  print_note(fmt::format("round {}: {} of {} points are open", facts->round, open, facts->points));
  return ExitCode::success;
}

}  // namespace

Subcommand tell_command() {
  return {
      {.name = "tell",
       .help = "bring values and gradients of the points that `optex ask` wrote",
       .description = "In any order, one by one or together, from any number of processes at once; of "
                      "several answers to one point the first stands. `optex ask` takes them up. A point "
                      "that failed is dropped unless it is the iterate itself (the first of a round).",
       .arguments = {{.name = "DIR", .help = "the run's folder"},
                     {.name = "FILE",
                      .help =
                          "HDF5 with /number, /value and the rows of /gradient; or raw doubles, with --point "
                          "and --value",
                      .required = false}},
       .options = {{.name = "point", .value = "K", .help = "which point, for raw doubles or a failure"},
                   {.name = "value", .value = "F", .help = "F there, for raw doubles"},
                   {.name = "failed", .value = "REASON", .help = "it has no value: why"},
                   {.name = "round", .value = "R", .help = "refuse unless this round is open"},
                   {.name = "again", .help = "replace an answer that has not been taken up"}},
       .examples = {{"optex tell runs/mine answers.h5", "some points or all of them"},
                    {"optex tell runs/mine g3.bin --point=3 --value=1.25", "one, as raw doubles"},
                    {"optex tell runs/mine --point=2 --failed='queue full'", "one that has no answer"}}},
      start_tell};
}

}  // namespace optex::app
