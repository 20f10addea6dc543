#include "optex/core/errors.hpp"
#include "optex/setup/suggestion.hpp"
#include "optex/text/utf8.hpp"

#include <algorithm>

#include "given.hpp"
#include "toml.hpp"
#include "toml_lexis.hpp"
#include "toml_node.hpp"
#include <fmt/format.h>

namespace optex {

Origin toml_origin(const std::string& file, const toml::source_region& region) {
  return {Origin::Source::file, file, region.begin.line, region.begin.column};
}

std::string toml_node_name(const toml::node& node) {
  if (node.is_array_of_tables()) return "an array of tables ([[ ]])";
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date and time";
    default:
      return "a value";
  }
}

std::optional<Option> toml_node_option(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* real = node.as_floating_point()) return real->get();
  if (const auto* text = node.as_string()) return text->get();
  return std::nullopt;
}

std::optional<Value> toml_node_value(const toml::node& node) {
  if (const std::optional<Option> option = toml_node_option(node))
    return std::visit([](const auto& held) { return Value(held); }, *option);
  const toml::array* const array = node.as_array();
  if (array == nullptr) return std::nullopt;
  if (array->empty() || array->is_homogeneous<std::int64_t>()) {
    IntegerList list;
    for (const toml::node& entry : *array) list.push_back(entry.as_integer()->get());
    return list;
  }
  if (!array->is_homogeneous<std::string>()) return std::nullopt;
  TextList list;
  for (const toml::node& entry : *array) list.push_back(entry.as_string()->get());
  return list;
}

namespace {

// "problem" holds "problem.noise": a table may be only the way to a section.
bool leads_to_section(const Schema& schema, const std::string& path) {
  return std::any_of(schema.sections().begin(), schema.sections().end(), [&](const Section& section) {
    return section.name == path || section.name.starts_with(path + ".");
  });
}

constexpr std::size_t most_explained = 100;

class Reader {
 public:
  Reader(const Schema& schema, const std::string& file) : schema_(schema), file_(file) {}

  void walk(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string path =
          prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      // A quoted name with a dot in it is one name, not a path.
      const bool plain = name.str().find('.') == std::string_view::npos;
      const Origin at = toml_origin(file_, name.source());
      if (path == "sweep") {
        result.sweep = at;
        continue;
      }
      if (const Key* key = schema_.find(path); key != nullptr && plain) {
        take(*key, at, node);
      } else if (plain && leads_to_section(schema_, path)) {
        if (const toml::table* inner = node.as_table()) {
          walk(*inner, path);
        } else {
          wrong(at, path,
                fmt::format("'{}' is a section, found {}; write [{}]", path, toml_node_name(node), path));
        }
      } else if (const auto value = toml_node_value(node);
                 value && is_harmless_relic(path, to_toml(*value))) {
        continue;
      } else {
        wrong(at, path,
              explains() ? unknown(prefix, std::string(name.str()), node)
                         : fmt::format("unknown key '{}'", path));
      }
    }
  }

  GivenKeys result;

 private:
  void wrong(const Origin& at, const std::string& key, std::string what) {
    result.mistakes.push_back({at, key, std::move(what)});
  }

  /// Looking for what was meant takes time: done for so many mistakes as anybody reads.
  bool explains() const { return result.mistakes.size() < most_explained; }

  void take(const Key& key, const Origin& at, const toml::node& node) {
    Given given{&key, std::nullopt, at};
    const Origin value_at = toml_origin(file_, node.source());
    const toml::table* const table = key.kind == Kind::options ? node.as_table() : nullptr;
    if (const std::optional<Value> value =
            table != nullptr ? options_in(key, *table) : toml_node_value(node)) {
      Reading reading = check_value(key, *value);
      given.value = std::move(reading.value);
      if (!given.value)
        wrong(value_at, key.full_name(), fmt::format("{}: {}", key.full_name(), reading.problem));
    } else {
      wrong(value_at, key.full_name(),
            fmt::format("{}: must be {}, found {}", key.full_name(), describe_values(key),
                        toml_node_name(node)));
    }
    result.keys.push_back(std::move(given));
  }

  /// What is neither string, number nor boolean is told and left out.
  Value options_in(const Key& key, const toml::table& table) {
    OptionTable options;
    for (const auto& [name, node] : table) {
      if (const std::optional<Option> option = toml_node_option(node))
        options[std::string(name.str())] = *option;
      else
        wrong(toml_origin(file_, node.source()), key.full_name(),
              fmt::format("{}.{}: must be a string, a number or a boolean, found {}", key.full_name(),
                          name.str(), toml_node_name(node)));
    }
    return options;
  }

  std::string unknown(const std::string& prefix, const std::string& name, const toml::node& node) const {
    if (!node.is_table() && !node.is_array_of_tables()) return unknown_key(schema_, prefix, name);
    std::vector<std::string> sections;
    for (const Section& section : schema_.sections()) sections.emplace_back(section.name);
    const std::string path = prefix.empty() ? name : prefix + "." + name;
    return fmt::format("unknown section '{}'; {}", path, suggestion(path, sections));
  }

  const Schema& schema_;
  const std::string& file_;
};

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& file) {
  const char* wide = marked_encoding(text);
  if (wide == nullptr && text.substr(0, 4).find('\0') != std::string_view::npos) wide = "UTF-16";
  if (wide != nullptr)
    throw UsageError(
        fmt::format("{0}:1: the file is {1}; convert it with `iconv -f {1} -t UTF-8`", file, wide));
  check_lexis(text, file);
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    // The one kind of mistake that hides all others: nothing after it can be read.
    throw UsageError(one_line(
        fmt::format("{}: not TOML: {}", toml_origin(file, error.source()).words(""), error.description())));
  }
}

GivenKeys read_toml(const Schema& schema, std::string_view text, const std::string& name) {
  Reader reader(schema, name);
  reader.walk(parse_toml(text, name), "");
  return std::move(reader.result);
}

}  // namespace optex
