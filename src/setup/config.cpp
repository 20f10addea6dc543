#include "optex/setup/config.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <xxhash.h>

namespace optex {

std::string Origin::words(std::string_view key) const {
  switch (source) {
    case Source::command_line:
      return fmt::format("--{}", key);
    case Source::file:
      return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
    case Source::default_value:
      break;
  }
  return "default";
}

Config::Config(std::vector<Setting> settings, std::vector<std::string> notes)
    : settings_(std::move(settings)), notes_(std::move(notes)) {}

const Setting* Config::find(std::string_view key) const {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& s) { return s.key->full_name() == key; });
  return found == settings_.end() ? nullptr : &*found;
}

const Setting& Config::at(std::string_view key) const {
  if (const Setting* const setting = find(key)) return *setting;
  throw std::logic_error(fmt::format("configuration key '{}' is not set", key));
}

bool Config::is(std::string_view key, std::string_view word) const {
  const Setting* const setting = find(key);
  const auto* const text = setting != nullptr ? std::get_if<std::string>(&setting->value) : nullptr;
  return text != nullptr && *text == word;
}

template <class T>
const T& Config::get(std::string_view key) const {
  const T* value = std::get_if<T>(&at(key).value);
  if (value == nullptr) throw std::logic_error(fmt::format("configuration key '{}' is of another kind", key));
  return *value;
}

template const bool& Config::get<bool>(std::string_view) const;
template const std::int64_t& Config::get<std::int64_t>(std::string_view) const;
template const double& Config::get<double>(std::string_view) const;
template const std::string& Config::get<std::string>(std::string_view) const;
template const Interval& Config::get<Interval>(std::string_view) const;
template const IntegerList& Config::get<IntegerList>(std::string_view) const;

template const TextList& Config::get<TextList>(std::string_view) const;
template const OptionTable& Config::get<OptionTable>(std::string_view) const;

OptionTable Config::options(std::string_view key) const {
  return has(key) ? get<OptionTable>(key) : OptionTable{};
}

std::optional<std::int64_t> Config::integer_if_set(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return integer(key);
}

std::optional<double> Config::real_if_set(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return real(key);
}

std::optional<double> Config::number_if_any(std::string_view key) const {
  const double* number = std::get_if<double>(&at(key).value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::string Config::value_text(std::string_view key) const { return optex::to_toml(at(key).value); }

const Origin& Config::origin(std::string_view key) const { return at(key).origin; }

std::string Config::to_toml() const {
  std::string text;
  std::string_view section;
  for (const Setting& setting : settings_) {
    if (setting.key->section != section) {
      section = setting.key->section;
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    }
    text += fmt::format("{} = {}\n", setting.key->name, optex::to_toml(setting.value));
  }
  return text;
}

const Vector* Config::attached(const std::string& key) const {
  const auto found = attached_.find(key);
  return found == attached_.end() ? nullptr : &found->second;
}

std::uint64_t Config::numbers_hash() const {
  std::string text;
  for (const Setting& setting : settings_) {
    if (!determines_numbers(*setting.key)) continue;
    text += fmt::format("{} = {}\n", setting.key->full_name(), optex::to_toml(setting.value));
  }
  return XXH3_64bits(text.data(), text.size());
}

std::vector<KeyDifference> differing_keys(const Config& first, const Config& second) {
  const auto words = [](const Config& config, const Key& key) -> std::string {
    for (const Setting& setting : config.settings()) {
      if (setting.key->full_name() == key.full_name()) return to_toml(setting.value);
    }
    return "not set";
  };
  std::vector<KeyDifference> differences;
  for (const Key& key : schema().keys()) {
    if (!determines_numbers(key)) continue;
    std::string a = words(first, key), b = words(second, key);
    if (a != b) differences.push_back({key.full_name(), std::move(a), std::move(b)});
  }
  return differences;
}

}  // namespace optex
