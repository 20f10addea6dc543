#include "sweep_axes.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/suggestion.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

/// What one entry of a list sets: the key itself, or an option of its table.
std::optional<Value> entry_value(const toml::node& entry, const std::string& option) {
  if (option.empty()) return toml_node_value(entry);
  const std::optional<Option> value = toml_node_option(entry);
  return value ? std::optional<Value>(OptionTable{{option, *value}}) : std::nullopt;
}

class SweepReader {
 public:
  explicit SweepReader(const std::string& file) : file_(file) {}

  SweptAxes read(const toml::table& root) {
    const toml::node* const node = root.get("sweep");
    if (node == nullptr)
      throw UsageError(
          fmt::format("{}: there is no table [sweep] in it, such as\n{}: [sweep]\n{}: "
                      "\"optimizer.learning_rate\" = [0.01, 0.1]",
                      file_, file_, file_));
    const toml::table* const table = node->as_table();
    if (table == nullptr)
      wrong(toml_origin(file_, node->source()), "sweep",
            fmt::format("sweep must be a table of keys with lists, found {}", toml_node_name(*node)));
    else
      walk(*table, "");
    // toml++ keeps tables sorted by name.
    std::stable_sort(swept_.axes.begin(), swept_.axes.end(), [](const SweptAxis& a, const SweptAxis& b) {
      return std::pair(a.origin.line, a.origin.column) < std::pair(b.origin.line, b.origin.column);
    });
    if (swept_.axes.empty() && swept_.mistakes.empty())
      wrong(toml_origin(file_, node->source()), "sweep", "[sweep] names no key");
    return std::move(swept_);
  }

 private:
  void wrong(const Origin& at, const std::string& key, std::string what) {
    swept_.mistakes.push_back({at, key, std::move(what)});
  }

  /// "optimizer.learning_rate" = [...] in quotes, and optimizer.learning_rate = [...] without.
  void walk(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string path =
          prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      const Origin at = toml_origin(file_, name.source());
      if (path == "seeds") {
        take_seeds(at, node);
      } else if (const Key* const options = table_of_options(prefix, path)) {
        take(*options, at, node, path.substr(options->full_name().size() + 1));
      } else if (const Key* const key = schema().find(path);
                 key && !(key->kind == Kind::options && node.is_table())) {
        take(*key, at, node);
      } else if (const toml::table* const inner = node.as_table()) {
        walk(*inner, path);
      } else {
        const std::size_t dot = path.rfind('.');
        wrong(at, path,
              unknown_key(schema(), dot == std::string::npos ? "" : path.substr(0, dot),
                          dot == std::string::npos ? path : path.substr(dot + 1)));
      }
    }
  }

  /// The table that "problem.options.stiffness" is in, in quotes or without; null for other keys.
  static const Key* table_of_options(const std::string& prefix, const std::string& path) {
    for (const Key& key : schema().keys())
      if (key.kind == Kind::options && (prefix == key.full_name() || path.starts_with(key.full_name() + ".")))
        return &key;
    return nullptr;
  }

  /// Both spellings of one key, and `seeds` beside "run.seed", name the same axis.
  bool is_new(const std::string& name, const Origin& at) {
    const bool fresh = std::none_of(swept_.axes.begin(), swept_.axes.end(),
                                    [&](const SweptAxis& axis) { return axis.name() == name; });
    if (!fresh) wrong(at, name, fmt::format("{}: is swept twice", name));
    return fresh;
  }

  void take(const Key& key, const Origin& at, const toml::node& node, const std::string& option = {}) {
    const std::string name = option.empty() ? key.full_name() : key.full_name() + "." + option;
    if (name == "run.name" || name == "run.output")
      return wrong(at, name, fmt::format("{}: cannot be swept: the values name the runs' folders", name));
    const toml::array* const list = node.as_array();
    if (list == nullptr || list->empty())
      return wrong(toml_origin(file_, node.source()), name,
                   fmt::format("{}: must be a list of values, such as [{}]", name,
                               list != nullptr ? "a, b" : "this value, another one"));
    if (list->size() > static_cast<std::size_t>(most_sweep_runs))
      return wrong(
          at, name,
          fmt::format("{}: {} values, but a sweep has at most {} runs", name, list->size(), most_sweep_runs));
    if (!is_new(name, at)) return;
    SweptAxis axis{&key, at, {}, false, option};
    for (const toml::node& entry : *list) {
      const Origin place = toml_origin(file_, entry.source());
      const std::optional<Value> value = entry_value(entry, option);
      const std::string wanted = option.empty() ? describe_values(key) : "strings, numbers or booleans";
      const Reading reading =
          value ? check_value(key, *value)
                : Reading{std::nullopt, fmt::format("must be {}, found {}", wanted, toml_node_name(entry))};
      if (!reading.value) {
        wrong(place, name, fmt::format("{}: {}", name, reading.problem));
        continue;
      }
      const bool known = std::any_of(axis.values.begin(), axis.values.end(),
                                     [&](const SweptValue& v) { return v.value == *reading.value; });
      if (known)
        wrong(place, name,
              fmt::format("{}: {} is in the list twice", name,
                          option.empty() ? to_toml(*reading.value) : swept_text(*reading.value)));
      else
        axis.values.push_back({*reading.value, place});
    }
    swept_.axes.push_back(std::move(axis));
  }

  void take_seeds(const Origin& at, const toml::node& node) {
    const auto* const count = node.as_integer();
    if (count == nullptr || count->get() < 1 || count->get() > most_sweep_runs)
      return wrong(toml_origin(file_, node.source()), "sweep.seeds",
                   fmt::format("seeds: must be an integer in [1, {}]: so many runs each, with run.seed, "
                               "run.seed + 1, ...",
                               most_sweep_runs));
    const Key& seed = *schema().find("run.seed");
    if (!is_new(seed.full_name(), at)) return;
    SweptAxis axis{&seed, at, {}, true};
    for (std::int64_t i = 0; i < count->get(); ++i) axis.values.push_back({Value(i), at});
    swept_.axes.push_back(std::move(axis));
  }

  const std::string& file_;
  SweptAxes swept_;
};

}  // namespace

SweptAxes read_axes(const toml::table& root, const std::string& file) { return SweepReader(file).read(root); }

std::string swept_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return compact(*number);
  if (const auto* list = std::get_if<IntegerList>(&value))
    return list->empty() ? "none" : fmt::format("{}", fmt::join(*list, "-"));
  if (const auto* table = std::get_if<OptionTable>(&value)) {
    const Option& option = table->begin()->second;
    const auto* number = std::get_if<double>(&option);
    return number != nullptr ? compact(*number) : plain_text(option);
  }
  std::string text = to_toml(value);
  std::erase(text, '"');
  return text;
}

}  // namespace optex
