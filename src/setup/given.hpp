#pragma once

#include "optex/setup/config.hpp"
#include "optex/setup/text_layout.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the user wrote, before defaults: the common form of file and command line.
namespace optex {

/// One key that was given. `value` is empty when what was given is wrong (a Mistake says why).
struct Given {
  const Key* key = nullptr;
  std::optional<Value> value;
  Origin origin;
  bool swept = false;  ///< in a sweep: put aside without a word in runs where it would do nothing
};

struct Mistake {
  Origin origin;
  std::string key;  ///< "section.name", for the command line's `--section.name`
  std::string what;

  /// "config.toml:12:5: unknown key ...".
  std::string line() const { return one_line(origin.words(key) + ": " + what); }
};

struct GivenKeys {
  std::vector<Given> keys;
  std::vector<Mistake> mistakes;
  std::optional<Origin> sweep = {};  ///< where the table [sweep] stands, which is not looked into
};

/// Throws UsageError when the text is not TOML; every other mistake is in the answer.
GivenKeys read_toml(const Schema& schema, std::string_view text, const std::string& name);
GivenKeys read_overrides(const Schema& schema, const std::vector<Override>& overrides);

/// "unknown key 'optimizer.learning_rte'; did you mean 'learning_rate'?"
std::string unknown_key(const Schema& schema, std::string_view section, std::string_view name);

/// Keys and words that this version no longer has. A relic is harmless where it asks for what is done now: a
/// resolved configuration of an older version names every default. why_retired() is empty for what never was.
bool is_harmless_relic(std::string_view key, std::string_view value);
std::string why_retired(std::string_view key);
std::string why_retired(std::string_view key, std::string_view word);

/// Merges, adds defaults, and checks what needs more than one key. Throws UsageError with all mistakes, those
/// of the two readers included, one a line.
Config resolve(const Schema& schema, const GivenKeys& file, const GivenKeys& command_line,
               const std::string& file_name);

/// One line a contradiction between keys that are fine one by one.
std::vector<Mistake> contradictions(const Config& config);

}  // namespace optex
