#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/setup/catalogue.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "given.hpp"
#include "resolution.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

constexpr std::int64_t default_iterations = 1000;
constexpr std::int64_t default_patience = 10;
constexpr std::size_t most_told = 100;  // mistakes of a file

Value with_absolute_path(const Key& key, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const bool names_dataset = key.kind == Kind::choice_or_dataset || key.kind == Kind::real_or_dataset;
  const bool names_file = key.kind == Kind::choice_or_folder || key.kind == Kind::file ||
                          key.kind == Kind::folder || names_dataset;
  if (text == nullptr || !names_file) return value;
  if (std::find(key.choices.begin(), key.choices.end(), *text) != key.choices.end()) return value;
  const std::size_t end = names_dataset ? text->rfind(":/") : text->size();
  return absolute_path(text->substr(0, end)).string() + text->substr(end);
}

/// A table given in part on the command line keeps what else the file has in it.
GivenKeys with_tables_completed(GivenKeys command_line, const GivenKeys& file) {
  for (Given& given : command_line.keys) {
    auto* const table = given.value ? std::get_if<OptionTable>(&*given.value) : nullptr;
    if (table == nullptr) continue;
    for (const Given& other : file.keys) {
      const auto* const more = other.value ? std::get_if<OptionTable>(&*other.value) : nullptr;
      if (other.key == given.key && more != nullptr) table->insert(more->begin(), more->end());
    }
  }
  return command_line;
}

/// Keys whose default is not a constant of the table.
std::optional<Value> computed_default(const Key& key, const GivenKeys& given, const std::string& run_name) {
  if (key.full_name() == "run.name") return run_name;
  if (key.full_name() == "stop.iterations") {
    // Tolerances say when a run has converged, and it may never.
    const bool stops = std::any_of(given.keys.begin(), given.keys.end(), [](const Given& g) {
      return g.key->section == "stop" && g.key->name != "gradient_tolerance" && g.key->name != "precision";
    });
    if (!stops) return default_iterations;
  }
  if (key.full_name() == "stop.patience") {
    // A tolerance of 0, as a resolved file has it, is none.
    const bool meant = std::any_of(given.keys.begin(), given.keys.end(), [](const Given& g) {
      return g.key->full_name() == "stop.value_tolerance" && g.value && *g.value != Value(0.0);
    });
    if (meant) return default_patience;
  }
  return std::nullopt;
}

Mistake missing_key(const Key& key, const Resolution& merged, const Schema& schema, const Origin& file) {
  std::string text = fmt::format("missing {}", key.full_name());
  for (const Condition& condition : key.applies) {
    const auto& value = merged.state(*schema.find(condition.key)).value;
    if (value) text += fmt::format(", needed with {} = {}", condition.key, to_toml(*value));
  }
  return {file, key.full_name(), text + fmt::format("; it takes {}", describe_values(key))};
}

/// Why a key says something to an optimiser or a chain's estimator that the update rule does not have; empty
/// elsewhere. No mistake: a resolved file names every default, and who compares rules keeps a replay's keys.
std::string without_part(const Key& key, const Resolution& merged, const Schema& schema) {
  const Resolution::State& state = merged.state(key);
  if (key.section != "optimizer" && key.section != "estimator") return {};
  if (state.given == nullptr || state.given->swept || !state.value || state.value == merged.usual(key))
    return {};
  const auto& update = merged.state(*schema.find("method.update")).value;
  const auto* const word = update ? std::get_if<std::string>(&*update) : nullptr;
  for (const auto& rule : updates()) {
    if (word != nullptr && *word == rule.name && !rule.traits.has_optimizer)
      return fmt::format("{}: {} does nothing with method.update = \"{}\", which has no {}",
                         state.given->origin.words(key.full_name()), key.full_name(), rule.name, key.section);
  }
  return {};
}

[[noreturn]] void refuse(std::vector<Mistake> mistakes) {
  // Mistakes without a line (something is missing) come after those of the file that have one.
  const auto place = [](const Mistake& m) {
    return std::tuple(m.origin.source, m.origin.line == 0, m.origin.line, m.origin.column);
  };
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [&](const Mistake& a, const Mistake& b) { return place(a) < place(b); });
  std::vector<std::string> lines;
  std::size_t of_file = 0;
  for (const Mistake& mistake : mistakes)
    if (mistake.origin.source != Origin::Source::file || ++of_file <= most_told)
      lines.push_back(mistake.line());
  if (of_file > most_told) lines.push_back(fmt::format("and {} mistakes more", of_file - most_told));
  throw UsageError(fmt::format("{}", fmt::join(lines, "\n")));
}

}  // namespace

Config resolve(const Schema& schema, const GivenKeys& file, const GivenKeys& overrides,
               const std::string& file_name) {
  const GivenKeys command_line = with_tables_completed(overrides, file);
  const Origin whole_file{Origin::Source::file, file_name, 0, 0};
  const Resolution alone(schema, file, {});
  const Resolution merged(schema, file, command_line);
  GivenKeys given = file;
  given.keys.insert(given.keys.end(), command_line.keys.begin(), command_line.keys.end());
  given.mistakes.insert(given.mistakes.end(), command_line.mistakes.begin(), command_line.mistakes.end());
  const std::string run_name = std::filesystem::path(file_name).stem().string();

  std::vector<Mistake>& mistakes = given.mistakes;
  std::vector<Setting> settings;
  std::vector<std::string> notes;
  for (const Key& key : schema.keys()) {
    const Resolution::State& state = merged.state(key);
    const Origin origin = state.given == nullptr ? Origin{} : state.given->origin;
    if (state.missing) mistakes.push_back(missing_key(key, merged, schema, whole_file));
    if (state.given != nullptr && state.applies == Truth::no && !state.given->swept) {
      const std::string text = fmt::format("{} does nothing {}", key.full_name(), merged.reason(key));
      // A file that is right by itself stays usable when the command line makes another choice.
      if (origin.source == Origin::Source::file && alone.state(key).applies != Truth::no) {
        notes.push_back(fmt::format("{}: put aside: {}", origin.words(key.full_name()), text));
      } else {
        mistakes.push_back({origin, key.full_name(), text + "; remove it"});
      }
    }
    if (std::string word = without_part(key, merged, schema); !word.empty()) notes.push_back(std::move(word));
    std::optional<Value> value = state.value;
    if (state.given == nullptr && !value) {
      value = computed_default(key, given, run_name);
      if (value && !check_value(key, *value).value) {
        mistakes.push_back(
            {whole_file, key.full_name(), "the file's name cannot name the run; give run.name"});
      }
    }
    if (value) settings.push_back({&key, with_absolute_path(key, *value), origin});
  }
  Config config(std::move(settings), std::move(notes));
  const std::vector<Mistake> between = contradictions(config);
  mistakes.insert(mistakes.end(), between.begin(), between.end());
  if (!mistakes.empty()) refuse(std::move(mistakes));
  return config;
}

}  // namespace optex
