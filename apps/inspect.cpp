#include "optex/checkpoint/checkpoint.hpp"
#include "optex/core/printable.hpp"
#include "optex/core/reductions.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"
#include "optex/monitor/results.hpp"
#include "optex/setup/config.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "commands.hpp"
#include "output.hpp"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace optex::app {
namespace {

using Json = nlohmann::ordered_json;

/// Shape and size of a vector of numbers.
Json describe(const Vector& values) {
  Json out = {{"size", values.size()}};
  if (values.size() == 0) return out;
  out["norm"] = norm(values);
  out["smallest"] = *std::min_element(values.begin(), values.end());
  out["largest"] = *std::max_element(values.begin(), values.end());
  if (!all_finite(values)) out["finite"] = false;
  return out;
}

Json to_json(const Value& value) {
  return std::visit(
      [&](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, Interval>)
          return to_toml(value);
        else if constexpr (std::is_same_v<std::decay_t<decltype(held)>, OptionTable>) {
          Json table = Json::object();
          for (const auto& [name, option] : held)
            std::visit([&table, &key = name](const auto& x) { table[key] = x; }, option);
          return table;
        } else
          return held;
      },
      value);
}

/// The keys that say most; nothing for a configuration that this version does not understand.
Json describe_config(const std::string& text) {
  Json out = Json::object();
  try {
    const Config config = parse_config(text, "configuration");
    for (const Setting& setting : config.settings()) {
      const std::string key = setting.key->full_name();
      for (const char* wanted : {"problem.name", "data.source", "optimizer.name", "optimizer.learning_rate",
                                 "method.name", "method.update", "method.parallelism"}) {
        if (key == wanted) out[key] = to_json(setting.value);
      }
    }
  } catch (const Error&) {
    out["text"] = fmt::format("{} bytes, not understood by this version", text.size());
  }
  return out;
}

Json describe_history(const hdf5::File& file) {
  const hdf5::Dataset thetas = file.dataset("/history/theta");
  const std::vector<std::int64_t> rounds = file.read_integers("/history/iteration");
  Json out = {{"entries", thetas.rows()}, {"capacity", file.read_integer("/history/capacity")}};
  if (rounds.empty() || thetas.rows() == 0) return out;
  const Vector values = file.read_vector("/history/value");
  Vector gradient(thetas.columns());
  file.dataset("/history/gradient").read_row(thetas.rows() - 1, gradient);
  out["first_round"] = rounds.front();
  out["last_round"] = rounds.back();
  out["smallest_value"] = *std::min_element(values.begin(), values.end());
  out["largest_value"] = *std::max_element(values.begin(), values.end());
  out["newest_gradient_norm"] = norm(gradient);
  return out;
}

void inspect_checkpoint(const hdf5::File& file, Json& facts) {
  facts["iteration"] = file.read_integer_attribute("/", "iteration");
  facts["dimension"] = file.read_integer_attribute("/", "dimension");
  facts["config_hash"] = file.read_text_attribute("/", "config_hash");
  facts["payload_hash"] = file.read_text_attribute("/", "payload_hash");
  facts["config"] = describe_config(file.read_text("/config"));
  facts["theta"] = describe(file.read_vector("/state/theta"));
  facts["best_value"] = file.read_double("/state/best_value");
  facts["optimizer"] = Json{{"name", file.read_text("/optimizer/name")},
                            {"step", file.read_integer("/optimizer/step")},
                            {"moments", file.dataset("/optimizer/moments").rows()}};
  facts["history"] = describe_history(file);
  if (const std::string source = file.read_text("/data/source"); !source.empty()) {
    facts["data"] = Json{{"source", source},
                         {"hash", file.read_text("/data/hash")},
                         {"samples", file.read_integer("/data/samples")},
                         {"shards", file.read_integer("/data/shards")}};
  }
  facts["evaluations"] = file.read_integer("/accounting/evaluations");
  facts["seconds"] = file.read_double("/accounting/seconds");
  facts["seed"] = file.read_integer("/rng/seed");
}

void inspect_results(const hdf5::File& file, Json& facts) {
  facts["status"] = file.read_text_attribute("/", "status");
  facts["reason"] = file.read_text_attribute("/", "reason");
  facts["exit_code"] = file.read_integer_attribute("/", "exit_code");
  facts["final_value"] = file.read_double_attribute("/", "final_value");
  const Json measures = Json::parse(file.read_text_attribute("/", "measures"), nullptr, false);
  if (measures.is_object() && !measures.empty()) facts["measures"] = measures;
  facts["theta"] = describe(file.read_vector("/solution/theta"));
  if (file.contains("/metrics/iteration")) {
    const std::vector<std::int64_t> rounds = file.read_integers("/metrics/iteration");
    facts["rounds"] = rounds.empty() ? 0 : rounds.back();
  }
  std::vector<std::string> columns;
  for (const hdf5::Entry& entry : file.entries()) {
    if (entry.path.starts_with("/metrics/") && entry.type != "group") columns.push_back(entry.path.substr(9));
  }
  facts["metrics"] = columns;
}

std::string contents(const hdf5::File& file) {
  std::string text;
  for (const hdf5::Entry& entry : file.entries(12)) text += (text.empty() ? "" : ", ") + entry.path;
  return text.empty() ? "nothing" : text;
}

/// Throws CheckpointError when the file is damaged or not one of ours, IoError when it cannot be opened.
Json inspect(const std::string& name, bool verify) {
  // The seal first: a damaged file can crash the HDF5 library.
  const hdf5::SealCheck check = hdf5::check_seal(name);
  if (check.state == hdf5::SealState::broken)
    throw CheckpointError(fmt::format("{}: damaged: {}", name, check.problem));
  try {
    const hdf5::File file = hdf5::File::open(name);
    const std::string format =
        file.has_attribute("/", "format") ? file.read_text_attribute("/", "format") : "";
    Json facts;
    facts["file"] = name;
    facts["format"] = format;
    if (format != checkpoint_format && format != results_format) {
      throw CheckpointError(
          fmt::format("{}: an HDF5 file, but neither a checkpoint nor results of optex; it holds {}", name,
                      contents(file)));
    }
    facts["format_version"] = file.read_integer_attribute("/", "format_version");
    facts["seal"] = check.state == hdf5::SealState::intact ? "intact" : "missing";
    if (verify) {
      if (check.state != hdf5::SealState::intact)
        throw CheckpointError(fmt::format("{}: {}; another program has written it", name, check.problem));
      if (format == checkpoint_format) verify_checkpoint(std::filesystem::weakly_canonical(name));
      facts["verified"] = true;
    }
    if (format == checkpoint_format) {
      inspect_checkpoint(file, facts);
    } else {
      inspect_results(file, facts);
    }
    return facts;
  } catch (const IoError& error) {
    // It could be read; what is in it is not what it should be.
    throw CheckpointError(error.what());
  }
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:.10g}", value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_array() || value.is_object()) {
    std::string text;
    for (const auto& [name, part] : value.items()) {
      if (!text.empty()) text += ", ";
      if (value.is_object()) text += name + " ";
      text += text_of(part);
    }
    return text;
  }
  return value.dump();
}

std::string table_of(const Json& facts, const TextStyle& style) {
  std::vector<TextRow> rows;
  for (const auto& [name, value] : facts.items()) {
    std::string label = name;
    for (char& letter : label) {
      if (letter == '_') letter = ' ';
    }
    rows.push_back({label, printable(text_of(value))});
  }
  return two_columns(rows, style);
}

ExitCode start_inspect(const CommandLine& line) {
  const Json facts = inspect(line.arguments.front(), line.has("verify"));
  if (line.has("json")) {
    print(facts.dump(2, ' ', true, Json::error_handler_t::replace) + "\n");
  } else {
    print(table_of(facts, terminal_style()));
  }
  return ExitCode::success;
}

}  // namespace

Subcommand inspect_command() {
  return {{.name = "inspect",
           .help = "what a checkpoint or results.h5 holds, and whether it is whole",
           .arguments = {{.name = "FILE.h5", .help = "a checkpoint or the results of a run"}},
           .options = {{.name = "json", .help = "the same as one JSON object"},
                       {.name = "verify", .help = "recompute every hash; exit 5 when one differs"}},
           .examples = {{"optex inspect runs/mine/results.h5", "how the run ended"},
                        {"optex inspect --verify runs/mine/checkpoints/iteration-000120.h5",
                         "can it be resumed from?"}}},
          start_inspect};
}

}  // namespace optex::app
