#include <algorithm>

#include "given.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

/// The key of kind `options` that "section.key.name" sets an entry of, or null.
const Key* table_of(const Schema& schema, std::string_view name) {
  for (const Key& key : schema.keys())
    if (key.kind == Kind::options && name.starts_with(key.full_name() + ".")) return &key;
  return nullptr;
}

}  // namespace

GivenKeys read_overrides(const Schema& schema, const std::vector<Override>& overrides) {
  const Origin at{Origin::Source::command_line, {}, 0, 0};
  GivenKeys result;
  for (const Override& override : overrides) {
    if (const Key* const table = table_of(schema, override.key)) {
      const std::string name = override.key.substr(table->full_name().size() + 1);
      auto given = std::find_if(result.keys.begin(), result.keys.end(),
                                [&](const Given& earlier) { return earlier.key == table; });
      OptionTable options;
      if (given != result.keys.end() && given->value) options = std::get<OptionTable>(*given->value);
      if (options.contains(name)) result.mistakes.push_back({at, override.key, "given twice"});
      options[name] = parse_option(override.value);
      Reading reading = check_value(*table, options);
      if (!reading.value) result.mistakes.push_back({at, override.key, reading.problem});
      if (given == result.keys.end())
        result.keys.push_back({table, std::move(reading.value), at});
      else
        given->value = std::move(reading.value);
      continue;
    }
    const Key* key = schema.find(override.key);
    if (key == nullptr) {
      const std::size_t dot = override.key.rfind('.');
      const std::string section = dot == std::string::npos ? "" : override.key.substr(0, dot);
      const std::string name = dot == std::string::npos ? override.key : override.key.substr(dot + 1);
      result.mistakes.push_back({at, override.key, unknown_key(schema, section, name)});
      continue;
    }
    const bool twice = std::any_of(result.keys.begin(), result.keys.end(),
                                   [&](const Given& given) { return given.key == key; });
    if (twice) {
      result.mistakes.push_back({at, override.key, "given twice"});
      continue;
    }
    Reading reading = read_value(*key, override.value);
    if (!reading.value) result.mistakes.push_back({at, override.key, reading.problem});
    result.keys.push_back({key, std::move(reading.value), at});
  }
  return result;
}

}  // namespace optex
