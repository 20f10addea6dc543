#include "optex/setup/schema.hpp"
#include "optex/setup/suggestion.hpp"
#include "optex/text/utf8.hpp"

#include <cmath>

#include "given.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

Reading wrong(std::string problem) { return {std::nullopt, std::move(problem)}; }

const char* type_name(const Value& value) {
  struct Names {
    const char* operator()(bool) const { return "a boolean"; }
    const char* operator()(std::int64_t) const { return "an integer"; }
    const char* operator()(double) const { return "a real number"; }
    const char* operator()(const std::string&) const { return "a string"; }
    const char* operator()(const Interval&) const { return "an interval"; }
    const char* operator()(const IntegerList&) const { return "a list of integers"; }
    const char* operator()(const TextList&) const { return "a list of strings"; }
    const char* operator()(const OptionTable&) const { return "a table"; }
  };
  return std::visit(Names{}, value);
}

bool within(const Range& range, double x) {
  return (range.open_min ? x > range.min : x >= range.min) &&
         (range.open_max ? x < range.max : x <= range.max);
}

Reading check_real(const Key& key, double x) {
  if (!std::isfinite(x)) return wrong("must be finite");
  if (!within(key.range, x))
    return wrong(fmt::format("must be {}, found {}", describe_range(key.range), compact(x)));
  return {x, {}};
}

Reading check_integer(const Key& key, std::int64_t n) {
  if (!within(key.range, static_cast<double>(n))) {
    return wrong(fmt::format("must be {}, found {}", describe_range(key.range), n));
  }
  return {n, {}};
}

Reading check_list(const Key& key, const IntegerList& list) {
  for (const std::int64_t n : list) {
    if (!within(key.range, static_cast<double>(n)))
      return wrong(fmt::format("each must be {}, found {}", describe_range(key.range), n));
  }
  return {list, {}};
}

Reading check_texts(const TextList& list) {
  if (list.empty() || list.front().empty()) return wrong("must begin with a program, found none");
  for (const std::string& text : list) {
    if (!is_utf8(text)) return wrong("is not UTF-8 text");
    if (text.find('\0') != std::string::npos) return wrong("must not contain a NUL character");
  }
  return {list, {}};
}

Reading check_options(const OptionTable& table) {
  constexpr std::string_view bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  for (const auto& [name, option] : table) {
    if (name.empty() || name.find_first_not_of(bare) != std::string::npos)
      return wrong(fmt::format("{} is no name for an option; letters, digits, '_' and '-' make one",
                               toml_string(name)));
    if (!is_utf8(plain_text(option))) return wrong(fmt::format("{} is not UTF-8 text", name));
  }
  return {table, {}};
}

bool is_choice(const Key& key, std::string_view word) {
  for (const std::string& choice : key.choices) {
    if (choice == word) return true;
  }
  return false;
}

Reading unknown_choice(const Key& key, std::string_view word, std::string_view or_else = {}) {
  if (std::string why = why_retired(key.full_name(), word); !why.empty()) return wrong(std::move(why));
  return wrong(fmt::format("unknown value '{}'; {}{}", word, suggestion(word, key.choices), or_else));
}

Reading check_text(const Key& key, const std::string& text) {
  if (!is_utf8(text)) return wrong("is not UTF-8 text");
  if (text.find('\0') != std::string::npos) return wrong("must not contain a NUL character");
  switch (key.kind) {
    case Kind::text:
    case Kind::file:
    case Kind::folder:
      if (text.empty()) return wrong("must not be empty");
      return {text, {}};
    case Kind::file_name:
      if (text.empty() || text == "." || text == ".." || text.find('/') != std::string::npos) {
        return wrong(fmt::format("must be a plain name for a folder, found {}", toml_string(text)));
      }
      for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) return wrong("must not contain control characters");
      }
      if (text.size() > 200) return wrong("is too long for the name of a folder (200 bytes)");
      return {text, {}};
    case Kind::choice:
      return is_choice(key, text) ? Reading{text, {}} : unknown_choice(key, text);
    case Kind::choice_or_real:
      if (is_choice(key, text)) return {text, {}};
      if (parse_real(text)) return wrong(fmt::format("is a number in quotes; write {}", text));
      return unknown_choice(key, text, ", or a number");
    case Kind::choice_or_folder:
      if (is_choice(key, text) || text.find('/') != std::string::npos) return {text, {}};
      return unknown_choice(key, text, ", or a path, written with a '/' (./data)");
    case Kind::choice_or_dataset:
      if (is_choice(key, text)) return {text, {}};
      if (const std::size_t colon = text.rfind(":/"); colon != std::string::npos && colon > 0)
        return {text, {}};
      return unknown_choice(key, text, ", or FILE.h5:/path/of/dataset");
    case Kind::real_or_dataset:
      if (parse_real(text)) return wrong(fmt::format("is a number in quotes; write {}", text));
      if (const std::size_t colon = text.rfind(":/"); colon != std::string::npos && colon > 0)
        return {text, {}};
      return wrong(fmt::format("must be {}, found {}", describe_values(key), toml_string(text)));
    case Kind::interval:
      if (const auto interval = parse_interval(text)) return {*interval, {}};
      return wrong(fmt::format("must be like \"10 iterations\", \"30 s\", \"15 min\" or \"2 h\", found {}",
                               toml_string(text)));
    case Kind::boolean:
    case Kind::integer:
    case Kind::integer_list:
    case Kind::text_list:
    case Kind::options:
    case Kind::real:
      break;
  }
  return wrong(fmt::format("must be {}, found a string", describe_values(key)));
}

}  // namespace

Reading check_value(const Key& key, const Value& value) {
  const bool takes_integer = key.kind == Kind::integer;
  const bool takes_real =
      key.kind == Kind::real || key.kind == Kind::choice_or_real || key.kind == Kind::real_or_dataset;
  if (const auto* text = std::get_if<std::string>(&value)) return check_text(key, *text);
  if (const auto* flag = std::get_if<bool>(&value); flag && key.kind == Kind::boolean) return {*flag, {}};
  if (const auto* list = std::get_if<IntegerList>(&value); list && key.kind == Kind::integer_list)
    return check_list(key, *list);
  if (const auto* list = std::get_if<IntegerList>(&value);
      list && list->empty() && key.kind == Kind::text_list)
    return check_texts({});
  if (const auto* list = std::get_if<TextList>(&value); list && key.kind == Kind::text_list)
    return check_texts(*list);
  if (const auto* table = std::get_if<OptionTable>(&value); table && key.kind == Kind::options)
    return check_options(*table);
  if (const auto* n = std::get_if<std::int64_t>(&value)) {
    if (takes_integer) return check_integer(key, *n);
    if (takes_real) return check_real(key, static_cast<double>(*n));
  }
  if (const auto* x = std::get_if<double>(&value)) {
    if (takes_real) return check_real(key, *x);
    if (takes_integer && std::isfinite(*x) && *x == std::floor(*x) && std::abs(*x) < 1e15) {
      return wrong(fmt::format("must be an integer; write {:.0f}", *x));
    }
  }
  return wrong(fmt::format("must be {}, found {}", describe_values(key), type_name(value)));
}

Reading read_value(const Key& key, std::string_view text) {
  const auto not_one = [&] {
    return wrong(fmt::format("must be {}, found '{}'", describe_values(key), text));
  };
  switch (key.kind) {
    case Kind::boolean:
      if (text == "true") return {true, {}};
      if (text == "false") return {false, {}};
      return not_one();
    case Kind::integer:
      if (const auto n = parse_integer(text)) return check_integer(key, *n);
      if (const auto x = parse_real(text)) return check_value(key, *x);
      return not_one();
    case Kind::integer_list:
      if (const auto list = parse_integer_list(text)) return check_list(key, *list);
      return not_one();
    case Kind::text_list:
      if (const auto list = parse_text_list(text)) return check_texts(*list);
      return not_one();
    case Kind::options:
      return wrong(fmt::format("is a table; write --{}.NAME=VALUE", key.full_name()));
    case Kind::real:
      if (const auto x = parse_real(text)) return check_real(key, *x);
      return not_one();
    case Kind::choice_or_real:
    case Kind::real_or_dataset:
      if (const auto x = parse_real(text)) return check_real(key, *x);
      return check_text(key, std::string(text));
    default:
      return check_text(key, std::string(text));
  }
}

}  // namespace optex
