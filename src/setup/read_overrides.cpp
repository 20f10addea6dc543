#include <algorithm>

#include "given.hpp"
#include <fmt/format.h>

namespace optex {

GivenKeys read_overrides(const Schema& schema, const std::vector<Override>& overrides) {
  const Origin at{Origin::Source::command_line, {}, 0, 0};
  GivenKeys result;
  for (const Override& override : overrides) {
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
