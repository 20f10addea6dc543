#include "option_values.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/value.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <fmt/format.h>

namespace optex::app {
namespace {

template <class Number>
std::optional<Number> number_option(const CommandLine& line, const std::string& option, const Key& key) {
  if (!line.has(option)) return std::nullopt;
  const Reading reading = read_value(key, line.option(option));
  if (reading.value) return std::get<Number>(*reading.value);
  throw UsageError(
      fmt::format("--{}: must be {}, found '{}'", option, describe_values(key), line.option(option)));
}

}  // namespace

std::optional<std::int64_t> integer_option(const CommandLine& line, const std::string& option, Range range) {
  return number_option<std::int64_t>(line, option,
                                     {.section = {}, .name = option, .kind = Kind::integer, .range = range});
}

std::optional<double> real_option(const CommandLine& line, const std::string& option, Range range) {
  return number_option<double>(line, option,
                               {.section = {}, .name = option, .kind = Kind::real, .range = range});
}

std::vector<std::string> list_option(const CommandLine& line, const std::string& option) {
  std::vector<std::string> items;
  std::stringstream text(line.option(option));
  for (std::string item; std::getline(text, item, ',');) items.push_back(item);
  if (line.has(option) && (items.empty() || line.option(option).ends_with(',')))
    throw UsageError(
        fmt::format("--{}: must be a list such as a,b, found '{}'", option, line.option(option)));
  return items;
}

std::vector<double> numbers_option(const CommandLine& line, const std::string& option, bool positive) {
  std::vector<double> values;
  for (const std::string& item : list_option(line, option)) {
    const auto value = parse_real(item);
    if (!value || !std::isfinite(*value) || (positive && *value <= 0.0))
      throw UsageError(fmt::format("--{}: must be numbers{} with commas between them, found '{}'", option,
                                   positive ? " > 0" : "", item));
    values.push_back(*value);
  }
  return values;
}

std::size_t word_option(const CommandLine& line, const std::string& option,
                        const std::vector<std::string>& words) {
  const std::string word = line.option(option, words.front());
  const auto found = std::find(words.begin(), words.end(), word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  throw UsageError(fmt::format("--{}: must be {} or {}, found '{}'", option,
                               fmt::join(words.begin(), words.end() - 1, ", "), words.back(), word));
}

}  // namespace optex::app
