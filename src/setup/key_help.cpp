#include "optex/setup/help.hpp"
#include "optex/setup/manual.hpp"
#include "optex/setup/schema.hpp"

#include <algorithm>

#include "kind_words.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

// Within [optimizer] "adam" says it all and "schedule = linear" is clear; elsewhere it is "optimizer.name =
// adam".
std::string condition_in_short(const Condition& condition, std::string_view section) {
  const std::string values = fmt::format("{}", fmt::join(condition.values, ", "));
  const std::string prefix = fmt::format("{}.", section);
  if (!condition.key.starts_with(prefix)) return fmt::format("{} = {}", condition.key, values);
  const std::string_view name = condition.key.substr(prefix.size());
  return name == "name" ? values : fmt::format("{} = {}", name, values);
}

std::string default_in_short(const Key& key) {
  if (!key.default_words.empty()) return fmt::format("default: {}", key.default_words);
  if (key.required) return "required";
  std::string always, special;
  for (const Default& candidate : key.defaults) {
    if (candidate.when) {
      special += fmt::format("{}{} for {}", special.empty() ? "" : "; ", candidate.value,
                             condition_in_short(*candidate.when, key.section));
    } else {
      always = candidate.value;
    }
  }
  if (always.empty()) return "not set";
  return special.empty() ? fmt::format("default {}", always)
                         : fmt::format("default {} ({})", always, special);
}

bool same(const Condition& a, const Condition& b) { return a.key == b.key && a.values == b.values; }

/// The conditions that all keys of a section share, to be said once.
std::vector<Condition> shared_conditions(const std::vector<const Key*>& keys) {
  std::vector<Condition> shared = keys.front()->applies;
  for (const Key* key : keys) {
    std::erase_if(shared, [&](const Condition& condition) {
      return std::none_of(key->applies.begin(), key->applies.end(),
                          [&](const Condition& other) { return same(condition, other); });
    });
  }
  return shared;
}

std::string conditions_in_short(const std::vector<Condition>& conditions,
                                const std::vector<Condition>& without, std::string_view section) {
  std::string text;
  for (const Condition& condition : conditions) {
    const bool said =
        std::any_of(without.begin(), without.end(), [&](const Condition& c) { return same(c, condition); });
    if (!said) text += (text.empty() ? "" : "; ") + condition_in_short(condition, section);
  }
  return text;
}

}  // namespace

std::string key_help(const TextStyle& style) {
  std::string out;
  for (const Section& section : schema().sections()) {
    std::vector<const Key*> keys;
    for (const Key& key : schema().keys()) {
      if (key.section == section.name) keys.push_back(&key);
    }
    const std::vector<Condition> shared = shared_conditions(keys);
    std::vector<TextRow> rows;
    for (const Key* key : keys) {
      std::string text = fmt::format("{}\n{}; {}", key->help, values_in_short(*key), default_in_short(*key));
      if (const std::string only = conditions_in_short(key->applies, shared, section.name); !only.empty()) {
        text += fmt::format("; only for {}", only);
      }
      rows.push_back({std::string(key->name), text});
    }
    const std::string only = conditions_in_short(shared, {}, "");
    const std::string name = fmt::format("[{}]", section.name);
    const std::string about = only.empty() ? "" : fmt::format(" (only for {})", only);
    out += "\n" + styled(name, Style::bold, style.colour);
    // Wrapped with the name in front, which is printed already.
    std::string text;
    for (const std::string& line : wrap(fmt::format("{} {}{}", name, section.help, about), style.width)) {
      text += line + "\n";
    }
    out += text.substr(name.size());
    out += two_columns(rows, style);
  }
  return out;
}

std::vector<KeyText> key_texts() {
  std::vector<KeyText> texts;
  for (const Section& section : schema().sections())
    for (const Key& key : schema().keys()) {
      if (key.section != section.name) continue;
      texts.push_back({std::string(key.section), std::string(key.name), values_in_short(key),
                       default_in_short(key), std::string(key.help),
                       conditions_in_short(key.applies, {}, key.section)});
    }
  return texts;
}

std::string key_reference() {
  const auto cell = [](const std::string& text) {
    std::string out;
    for (const char c : text)
      out += c == '|' ? std::string("\\|") : c == '<' ? std::string("&lt;") : std::string(1, c);
    return out;
  };
  std::string out =
      "# Every key of the configuration\n\nWritten by `optex info --keys` from the table that the program "
      "reads configurations with; a test compares.\n\nIn a file: `[section]` and `key = value` (TOML). On "
      "the command line: `--section.key=value`, which beats the file.\nA key that would do nothing beside "
      "the others is refused. `optex config FILE --resolved` prints all that apply.\n";
  std::string section;
  for (const KeyText& key : key_texts()) {
    if (key.section != section) {
      section = key.section;
      for (const Section& known : schema().sections())
        if (known.name == section) out += fmt::format("\n## [{}]\n\n{}\n\n", section, known.help);
      out += "| key | takes | default | what for |\n|--|--|--|--|\n";
    }
    std::string fallback = key.fallback;
    for (const char* beginning : {"default: ", "default "})
      if (fallback.starts_with(beginning)) fallback.erase(0, std::string_view(beginning).size());
    out += fmt::format("| `{}` | {} | {} | {}{} |\n", key.name, cell(key.takes), cell(fallback),
                       cell(key.help), key.only.empty() ? "" : "; only for " + cell(key.only));
  }
  return out;
}

}  // namespace optex
