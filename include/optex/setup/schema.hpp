#pragma once

#include "optex/setup/value.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace optex {

/// The configuration's keys as plain data. The file check, the command line, the help texts and the resolved
/// configuration are all made from this one table.

enum class Kind {
  boolean,
  integer,
  integer_list,       ///< each of them in `range`
  text_list,          ///< not empty, nor its first text
  options,            ///< a table of names that this program does not know
  real,               ///< finite; integers are taken too
  text,               ///< not empty
  file_name,          ///< one component of a path
  file,               ///< a path to a file
  folder,             ///< a path to a folder
  choice,             ///< one of `choices`
  choice_or_real,     ///< one of `choices`, or a number in `range`
  choice_or_folder,   ///< one of `choices`, or a path, recognised by its '/'
  choice_or_dataset,  ///< one of `choices`, or FILE.h5:/path
  real_or_dataset,    ///< a number in `range` for every coordinate, or FILE.h5:/path with one for each
  interval,           ///< "10 iterations", "15 min"
};

struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool open_min = false;  ///< min itself is not allowed
  bool open_max = false;
};

/// Holds when `key` has one of `values`. Conditions must not go round in circles.
struct Condition {
  std::string_view key;
  std::vector<std::string_view> values;
};

/// A default, as text on the command line would be; with a condition it counts only where that holds.
struct Default {
  std::string_view value;
  std::optional<Condition> when = {};
};

struct Key {
  std::string_view section;
  std::string_view name;
  Kind kind = Kind::text;
  std::vector<Default> defaults = {};     ///< the first that holds; none: the key stays unset
  bool required = false;                  ///< must be given wherever it applies
  Range range = {};                       ///< integer, integer_list, real, choice_or_real, real_or_dataset
  std::vector<std::string> choices = {};  ///< the choice kinds
  std::vector<Condition> applies = {};    ///< all must hold, or the key would do nothing and is refused
  std::string_view help = {};             ///< one line
  std::string_view default_words = {};    ///< for defaults that are computed

  std::string full_name() const { return std::string(section) + "." + std::string(name); }
};

struct Section {
  std::string_view name;
  std::string_view help;
};

class Schema {
 public:
  Schema(std::vector<Section> sections, std::vector<Key> keys);

  const std::vector<Section>& sections() const { return sections_; }
  /// All keys, section by section: the order of the resolved configuration and of the help.
  const std::vector<Key>& keys() const { return keys_; }
  /// By "section.name"; null when there is no such key.
  const Key* find(std::string_view full_name) const;

 private:
  std::vector<Section> sections_;
  std::vector<Key> keys_;
};

/// The configuration of this program.
const Schema& schema();

/// True for the keys that determine the trajectory: another value means another run. The others may change
/// when a run is resumed.
bool determines_numbers(const Key& key);

/// A value, or one line that says what is wrong with it ("must be at least 1, found 0").
struct Reading {
  std::optional<Value> value;
  std::string problem;
};

/// Checks range, choices and form. `value` is as TOML gives it: bool, integer, double, string or integers.
Reading check_value(const Key& key, const Value& value);
/// The same for text from the command line, where nothing is quoted.
Reading read_value(const Key& key, std::string_view text);

/// What a key takes, for help and errors: "a number > 0", "'a', 'b' or a number".
std::string describe_values(const Key& key);
std::string describe_range(const Range& range);

}  // namespace optex
