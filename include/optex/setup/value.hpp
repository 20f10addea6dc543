#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace optex {

/// A stretch of a run, in rounds or in wall time: exactly one of the two is not 0.
struct Interval {
  std::int64_t iterations = 0;
  double seconds = 0.0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Whole numbers in order; may be empty.
using IntegerList = std::vector<std::int64_t>;

/// Texts in order; may be empty.
using TextList = std::vector<std::string>;

/// Names that only the user's own objective knows, with what they are set to.
using Option = std::variant<bool, std::int64_t, double, std::string>;
using OptionTable = std::map<std::string, Option>;

/// What a configuration key can hold.
using Value =
    std::variant<bool, std::int64_t, double, std::string, Interval, IntegerList, TextList, OptionTable>;

/// The same value as TOML text. Reading it back gives the same value: doubles are written with the fewest
/// digits that still name them.
std::string to_toml(const Value& value);

/// A double with the fewest digits that still name it, for people: "0.001", "1e-8", "2", "1e12".
std::string compact(double value);

/// The same as a TOML float, never an integer: "2.0".
std::string shortest(double value);

/// Text as a TOML basic string, with its quotes. Requires UTF-8.
std::string toml_string(std::string_view text);

/// "10 iterations", "30 s", "15 min", "1.5 h"; nothing when it is not of that form or not positive.
std::optional<Interval> parse_interval(std::string_view text);

/// Numbers as TOML writes them (underscores allowed), the whole text and nothing else; nothing when it is not
/// one or when it does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);

/// "128, 64", with or without brackets around it; "[]" is the empty list.
std::optional<IntegerList> parse_integer_list(std::string_view text);

/// ["a", "b"] as TOML writes it, or words with blanks between them; nothing when a quote is left open.
std::optional<TextList> parse_text_list(std::string_view text);

/// An option's value given on the command line: true or false, a number, or else text.
Option parse_option(std::string_view text);

/// An option's value as plain text, without quotes: "true", "3", "0.1", "fine".
std::string plain_text(const Option& option);

}  // namespace optex
