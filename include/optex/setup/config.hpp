#pragma once

#include "optex/core/types.hpp"
#include "optex/setup/schema.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace optex {

/// Where a value, or a mistake, comes from.
struct Origin {
  enum class Source { default_value, file, command_line };
  Source source = Source::default_value;
  std::string file;  ///< its name as the user gave it
  std::uint32_t line = 0, column = 0;

  /// "config.toml:12:5", "--optimizer.name", "default".
  std::string words(std::string_view key) const;
};

/// A key that was given on the command line, as text.
struct Override {
  std::string key;
  std::string value;
};

/// A key with its value.
struct Setting {
  const Key* key = nullptr;
  Value value;
  Origin origin;
};

/// A checked configuration: every key that applies has a value of the right kind and range (stop rules and
/// the like may stay unset). Asking for a key that is not set is a defect of the program (std::logic_error).
class Config {
 public:
  explicit Config(std::vector<Setting> settings, std::vector<std::string> notes = {});

  bool has(std::string_view key) const { return find(key) != nullptr; }
  /// True when the key is set to this word; to true. False when it is not set.
  bool is(std::string_view key, std::string_view word) const;
  bool is_on(std::string_view key) const { return has(key) && boolean(key); }
  bool boolean(std::string_view key) const { return get<bool>(key); }
  std::int64_t integer(std::string_view key) const { return get<std::int64_t>(key); }
  double real(std::string_view key) const { return get<double>(key); }
  const std::string& text(std::string_view key) const { return get<std::string>(key); }
  const Interval& interval(std::string_view key) const { return get<Interval>(key); }
  const IntegerList& integers(std::string_view key) const { return get<IntegerList>(key); }

  const TextList& texts(std::string_view key) const { return get<TextList>(key); }
  /// Empty when the table is not set.
  OptionTable options(std::string_view key) const;

  std::optional<std::int64_t> integer_if_set(std::string_view key) const;
  std::optional<double> real_if_set(std::string_view key) const;
  /// For keys that take a word or a number: the number, or nothing when it is a word.
  std::optional<double> number_if_any(std::string_view key) const;

  /// Numbers that the caller holds in memory, in place of those in the file that the key names.
  void attach(const std::string& key, Vector numbers) { attached_[key] = std::move(numbers); }
  /// Null when nothing was attached to the key.
  const Vector* attached(const std::string& key) const;

  /// The value as TOML, whatever its kind.
  std::string value_text(std::string_view key) const;

  const Origin& origin(std::string_view key) const;
  /// In the order of the schema.
  const std::vector<Setting>& settings() const { return settings_; }
  /// Lines for the log, such as keys of the file that the command line has put aside.
  const std::vector<std::string>& notes() const { return notes_; }

  /// The resolved configuration: everything that is set, defaults included. The same text for the same
  /// values; read again it gives the same configuration.
  std::string to_toml() const;

  /// Identifies the trajectory: a hash of all keys that determine numbers.
  std::uint64_t numbers_hash() const;

 private:
  const Setting* find(std::string_view key) const;
  const Setting& at(std::string_view key) const;
  template <class T>
  const T& get(std::string_view key) const;

  std::vector<Setting> settings_;
  std::vector<std::string> notes_;
  std::map<std::string, Vector> attached_;
};

struct KeyDifference {
  std::string key;
  std::string first, second;  ///< as TOML, "not set" where it does not apply
};

/// The keys that determine numbers and differ: empty exactly when both configurations give the same
/// trajectory.
std::vector<KeyDifference> differing_keys(const Config& first, const Config& second);

/// Reads `file`, then lets the command line win over it and it over the defaults. Relative paths of data
/// become absolute, so that the resolved configuration means the same anywhere. Throws UsageError with every
/// mistake, one a line, IoError when the file is there but cannot be read.
Config read_config(const std::filesystem::path& file, const std::vector<Override>& overrides = {});

/// The same for text in memory. `name` stands for the file in errors; its stem is the default of run.name.
Config parse_config(std::string_view text, const std::string& name,
                    const std::vector<Override>& overrides = {});

/// The bytes of a configuration file. Throws UsageError when there is no such file, when it is a folder, a
/// pipe or a device, or larger than 16 MiB; IoError when it cannot be read.
std::string read_config_text(const std::filesystem::path& file);

}  // namespace optex
