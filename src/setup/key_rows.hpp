#pragma once

#include "optex/setup/schema.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How the rows of the schema are written: a call a key, and once what the keys of a table have in common.
namespace optex {

inline constexpr Range positive{.min = 0.0, .open_min = true};
inline constexpr Range not_negative{.min = 0.0};
inline constexpr Range at_least_one{.min = 1.0};
/// Of integers: so many that sums and products with what they meet stay within 64 bits.
inline constexpr double largest_count = 1e15;
inline constexpr Range count_or_none{.min = 0.0, .max = largest_count};
inline constexpr Range count_from_one{.min = 1.0, .max = largest_count};

constexpr Range between(double least, double most) { return {.min = least, .max = most}; }

/// {}, "8", or {{"128", condition}, {"0"}}: the first that holds.
struct Defaults {
  Defaults() = default;
  Defaults(const char* only) : list{{only}} {}  // NOLINT(google-explicit-constructor)
  Defaults(std::initializer_list<Default> several) : list(several) {}
  std::vector<Default> list;
};

/// A key of any kind that takes neither a range nor choices.
inline Key plain_key(Kind kind, std::string_view name, Defaults defaults, std::string_view help,
                     std::vector<Condition> applies = {}) {
  return {.section = {},
          .name = name,
          .kind = kind,
          .defaults = std::move(defaults.list),
          .applies = std::move(applies),
          .help = help};
}

inline Key boolean_key(std::string_view name, Defaults defaults, std::string_view help,
                       std::vector<Condition> applies = {}) {
  return plain_key(Kind::boolean, name, std::move(defaults), help, std::move(applies));
}

inline Key key_in(Range range, Key key) {
  key.range = range;
  return key;
}

inline Key integer_key(std::string_view name, Defaults defaults, Range range, std::string_view help,
                       std::vector<Condition> applies = {}) {
  return key_in(range, plain_key(Kind::integer, name, std::move(defaults), help, std::move(applies)));
}

inline Key integer_list_key(std::string_view name, Defaults defaults, Range range, std::string_view help,
                            std::vector<Condition> applies = {}) {
  return key_in(range, plain_key(Kind::integer_list, name, std::move(defaults), help, std::move(applies)));
}

inline Key real_key(std::string_view name, Defaults defaults, Range range, std::string_view help,
                    std::vector<Condition> applies = {}) {
  return key_in(range, plain_key(Kind::real, name, std::move(defaults), help, std::move(applies)));
}

/// One of some words, or what `kind` takes beside them.
inline Key choice_key(std::string_view name, Defaults defaults, std::vector<std::string> choices,
                      std::string_view help, std::vector<Condition> applies = {}, Kind kind = Kind::choice) {
  Key key = plain_key(kind, name, std::move(defaults), help, std::move(applies));
  key.choices = std::move(choices);
  return key;
}

/// Must be given wherever it applies.
inline Key required(Key key) {
  key.required = true;
  return key;
}

/// Its default is computed; `words` say how.
inline Key computed(std::string_view words, Key key) {
  key.default_words = words;
  return key;
}

/// The keys of one section, all of which need the conditions in `applies` beside their own.
inline std::vector<Key> keys_of(std::string_view section, std::vector<Key> keys,
                                const std::vector<Condition>& applies = {}) {
  for (Key& key : keys) {
    key.section = section;
    key.applies.insert(key.applies.begin(), applies.begin(), applies.end());
  }
  return keys;
}

inline std::vector<Key> joined(std::initializer_list<std::vector<Key>> tables) {
  std::vector<Key> keys;
  for (const std::vector<Key>& table : tables) keys.insert(keys.end(), table.begin(), table.end());
  return keys;
}

}  // namespace optex
