#include "optex/setup/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

constexpr double seconds_per_minute = 60.0;
constexpr double seconds_per_hour = 3600.0;

std::optional<double> seconds_in(std::string_view unit) {
  if (unit == "s" || unit == "second" || unit == "seconds") return 1.0;
  if (unit == "min" || unit == "minute" || unit == "minutes") return seconds_per_minute;
  if (unit == "h" || unit == "hour" || unit == "hours") return seconds_per_hour;
  return std::nullopt;
}

std::string to_text(const Interval& interval) {
  if (interval.iterations > 0) {
    return fmt::format("{} {}", interval.iterations, interval.iterations == 1 ? "iteration" : "iterations");
  }
  // The largest unit that gives back exactly these seconds.
  for (const auto& [unit, length] :
       {std::pair{"h", seconds_per_hour}, std::pair{"min", seconds_per_minute}}) {
    const double count = interval.seconds / length;
    if (count >= 1.0 && count == std::floor(count) && count * length == interval.seconds) {
      return fmt::format("{} {}", count, unit);
    }
  }
  return fmt::format("{} s", interval.seconds);
}

// TOML allows one underscore between two digits; the parsers of the standard library know none.
std::optional<std::string> without_underscores(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  // from_chars takes '-', but no '+'.
  if (plain.starts_with('+')) {
    plain.erase(0, 1);
    if (plain.starts_with('-')) return std::nullopt;
  }
  return plain;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  const std::optional<std::string> plain = without_underscores(text);
  if (!plain || plain->empty()) return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(plain->data(), plain->data() + plain->size(), number);
  if (error != std::errc{} || end != plain->data() + plain->size()) return std::nullopt;
  return number;
}

}  // namespace

std::string compact(double value) {
  const bool long_integer = std::abs(value) >= 1e7 && value == std::floor(value) && std::isfinite(value);
  char digits[32];
  const auto end =
      long_integer ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr
                   : std::to_chars(digits, digits + sizeof digits, value).ptr;
  std::string text(digits, end);
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  // 1e-08 -> 1e-8, 1e+20 -> 1e20
  const std::string_view sign = text[e + 1] == '-' ? "e-" : "e";
  const std::size_t first = std::min(text.find_first_not_of('0', e + 2), text.size() - 1);
  return text.substr(0, e).append(sign).append(text, first);
}

std::string shortest(double value) {
  const std::string text = compact(value);
  const bool is_float = text.find_first_of(".en") != std::string::npos;  // n: nan, inf
  return is_float ? text : text + ".0";
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
          out += fmt::format("\\u{:04X}", byte);
        } else {
          out += c;
        }
      }
    }
  }
  return out + "\"";
}

std::string to_toml(const Value& value) {
  struct Writer {
    std::string operator()(bool x) const { return x ? "true" : "false"; }
    std::string operator()(std::int64_t x) const { return fmt::format("{}", x); }
    std::string operator()(double x) const { return shortest(x); }
    std::string operator()(const std::string& x) const { return toml_string(x); }
    std::string operator()(const Interval& x) const { return toml_string(to_text(x)); }
    std::string operator()(const IntegerList& x) const { return fmt::format("[{}]", fmt::join(x, ", ")); }
    std::string operator()(const TextList& x) const {
      std::string list;
      for (const std::string& text : x) list += (list.empty() ? "" : ", ") + toml_string(text);
      return "[" + list + "]";
    }
    std::string operator()(const OptionTable& x) const {
      std::string table;
      for (const auto& [name, option] : x)
        table += fmt::format("{} {} = {}", table.empty() ? "" : ",", name, std::visit(*this, option));
      return table.empty() ? "{}" : "{" + table + " }";
    }
  };
  return std::visit(Writer{}, value);
}

std::optional<Interval> parse_interval(std::string_view text) {
  const std::size_t space = text.find_first_of(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view count = text.substr(0, space);
  const std::string_view unit = text.substr(std::min(text.find_first_not_of(' ', space), text.size()));
  if (unit == "iteration" || unit == "iterations") {
    const std::optional<std::int64_t> iterations = parse_integer(count);
    if (!iterations || *iterations < 1) return std::nullopt;
    return Interval{.iterations = *iterations};
  }
  const std::optional<double> number = parse_real(count);
  const std::optional<double> length = seconds_in(unit);
  if (!number || !length) return std::nullopt;
  const double seconds = *number * *length;
  if (!(seconds > 0.0) || !std::isfinite(seconds)) return std::nullopt;
  return Interval{.seconds = seconds};
}

std::optional<std::int64_t> parse_integer(std::string_view text) { return parse_number<std::int64_t>(text); }

std::optional<double> parse_real(std::string_view text) { return parse_number<double>(text); }

std::optional<IntegerList> parse_integer_list(std::string_view text) {
  const auto trim = [](std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    return part;
  };
  text = trim(text);
  if (text.starts_with('[') != text.ends_with(']') || text == "[" || text.empty()) return std::nullopt;
  IntegerList list;
  if (text.starts_with('[')) {
    text = trim(text.substr(1, text.size() - 2));
    if (text.empty()) return list;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto number = parse_integer(trim(text.substr(begin, end - begin)));
    if (!number) return std::nullopt;
    list.push_back(*number);
    begin = end + 1;
  }
  return list;
}

std::optional<TextList> parse_text_list(std::string_view text) {
  TextList list;
  const bool bracketed = text.starts_with('[');
  if (bracketed) {
    if (!text.ends_with(']')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
  }
  const std::string_view gaps = bracketed ? " ," : " ";
  for (std::size_t i = text.find_first_not_of(gaps); i < text.size(); i = text.find_first_not_of(gaps, i)) {
    const char quote = text[i];
    if (quote == '"' || quote == '\'') {
      const std::size_t end = text.find(quote, i + 1);
      if (end == std::string_view::npos) return std::nullopt;
      list.emplace_back(text.substr(i + 1, end - i - 1));
      i = end + 1;
    } else {
      const std::size_t end = std::min(text.find_first_of(gaps, i), text.size());
      list.emplace_back(text.substr(i, end - i));
      i = end;
    }
  }
  return list;
}

namespace {

/// Not "007", which is a name, nor "Nan", which is one, too.
bool looks_like_a_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text == "inf" || text == "nan") return true;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() > 1 && text[0] == '0' && (is_digit(text[1]) || text[1] == '_')) return false;
  return std::any_of(text.begin(), text.end(), is_digit);
}

}  // namespace

Option parse_option(std::string_view text) {
  if (text == "true" || text == "false") return text == "true";
  const bool number = looks_like_a_number(text);
  if (const auto integer = parse_integer(text); number && integer) return *integer;
  // An integer that is too large would lose digits as a real: an identifier, more likely.
  const bool of_digits = text.find_first_not_of("+-0123456789") == std::string_view::npos;
  if (const auto real = parse_real(text); number && real && !of_digits) return *real;
  const bool quoted = text.size() > 1 && text.front() == text.back() && (text[0] == '"' || text[0] == '\'');
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

std::string plain_text(const Option& option) {
  const auto* text = std::get_if<std::string>(&option);
  return text != nullptr ? *text : std::visit([](const auto& x) { return to_toml(Value(x)); }, option);
}

}  // namespace optex
