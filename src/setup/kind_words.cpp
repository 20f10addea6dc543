#include "kind_words.hpp"

#include "optex/setup/suggestion.hpp"
#include "optex/setup/value.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

/// What a key of a kind takes, beside its choices if it has any; "{}" stands for its range.
struct KindWords {
  Kind kind;
  std::string_view in_errors, in_short;
};

constexpr KindWords table[] = {
    {Kind::boolean, "true or false", "true | false"},
    {Kind::integer, "an integer{}", "integer{}"},
    {Kind::integer_list, "a list of integers{}, such as [128, 64]", "list of integers{}"},
    {Kind::text_list, "a list of strings, such as [\"python3\", \"mine.py\"]", "list of strings"},
    {Kind::options, "a table of strings, numbers and booleans",
     "a table of your own: strings, numbers, true or false"},
    {Kind::real, "a number{}", "number{}"},
    {Kind::text, "a string", "text"},
    {Kind::file_name, "a name", "name of a folder"},
    {Kind::file, "the path of a file", "FILE"},
    {Kind::folder, "the path of a folder", "FOLDER"},
    {Kind::choice, "", ""},
    {Kind::choice_or_real, "a number{}", "number{}"},
    {Kind::choice_or_folder, "a path with a '/'", "PATH"},
    {Kind::choice_or_dataset, "FILE.h5:/path", "FILE.h5:/path"},
    {Kind::real_or_dataset, "a number{} or FILE.h5:/path", "number{} | FILE.h5:/path"},
    {Kind::interval, "an interval such as \"10 iterations\" or \"15 min\"", "interval, e.g. \"15 min\""},
};

std::string with_range(const Key& key, std::string_view KindWords::*form) {
  const auto row = std::find_if(std::begin(table), std::end(table),
                                [&](const KindWords& w) { return w.kind == key.kind; });
  const std::string range = describe_range(key.range);
  return fmt::format(fmt::runtime(row->*form), range.empty() ? "" : " " + range);
}

}  // namespace

std::string describe_range(const Range& range) {
  const bool below = std::isfinite(range.min), above = std::isfinite(range.max);
  if (below && above) {
    return fmt::format("in {}{}, {}{}", range.open_min ? '(' : '[', compact(range.min), compact(range.max),
                       range.open_max ? ')' : ']');
  }
  if (below) return fmt::format("{} {}", range.open_min ? ">" : ">=", compact(range.min));
  if (above) return fmt::format("{} {}", range.open_max ? "<" : "<=", compact(range.max));
  return {};
}

std::string describe_values(const Key& key) {
  std::string words = with_range(key, &KindWords::in_errors);
  if (key.choices.empty()) return words;
  if (words.empty()) return quoted_alternatives(key.choices);
  return fmt::format("'{}' or {}", fmt::join(key.choices, "', '"), words);
}

std::string values_in_short(const Key& key) {
  std::string words = with_range(key, &KindWords::in_short);
  if (key.choices.empty()) return words;
  return fmt::format("{}{}{}", fmt::join(key.choices, " | "), words.empty() ? "" : " | ", words);
}

}  // namespace optex
