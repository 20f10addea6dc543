#include "resolution.hpp"

#include "optex/setup/suggestion.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace optex {

Resolution::Resolution(const Schema& schema, const GivenKeys& file, const GivenKeys& command_line)
    : schema_(schema) {
  for (const Given& given : file.keys) given_[given.key] = &given;
  for (const Given& given : command_line.keys) given_[given.key] = &given;
  for (const Key& key : schema.keys()) settle(key);
}

std::string Resolution::reason(const Key& key) const {
  for (const Condition& condition : key.applies) {
    if (holds(condition) == Truth::yes) continue;
    const Key* on = schema_.find(condition.key);
    const State& there = states_.at(on);
    if (there.applies == Truth::no) return reason(*on);
    if (!there.value) return fmt::format("without {}", condition.key);
    const std::vector<std::string> values(condition.values.begin(), condition.values.end());
    return fmt::format("with {} = {}, only with {}", condition.key, to_toml(*there.value),
                       quoted_alternatives(values));
  }
  return {};
}

std::optional<Value> Resolution::usual(const Key& key) const {
  const Default* const fallback = default_of(key);
  if (fallback == nullptr) return std::nullopt;
  return read_value(key, fallback->value).value;
}

void Resolution::settle(const Key& key) {
  if (states_.contains(&key)) return;
  for (const Condition& condition : key.applies) settle(*schema_.find(condition.key));
  for (const Default& candidate : key.defaults)
    if (candidate.when) settle(*schema_.find(candidate.when->key));
  State state;
  for (const Condition& condition : key.applies) {
    const Truth truth = holds(condition);
    if (truth == Truth::no) state.applies = Truth::no;
    if (truth == Truth::unknown && state.applies == Truth::yes) state.applies = Truth::unknown;
  }
  if (const auto found = given_.find(&key); found != given_.end()) {
    state.given = found->second;
    state.broken = !state.given->value;
    if (state.applies != Truth::no) state.value = state.given->value;
  } else if (state.applies == Truth::yes) {
    if (const Default* fallback = default_of(key)) {
      state.value = read_value(key, fallback->value).value;
    } else {
      state.missing = key.required;
    }
  }
  states_.emplace(&key, std::move(state));
}

Truth Resolution::holds(const Condition& condition) const {
  const State& state = states_.at(schema_.find(condition.key));
  if (state.applies == Truth::no) return Truth::no;
  if (state.applies == Truth::unknown || state.missing || state.broken) return Truth::unknown;
  const auto* text = state.value ? std::get_if<std::string>(&*state.value) : nullptr;
  if (text == nullptr) return Truth::no;
  const auto& values = condition.values;
  return std::find(values.begin(), values.end(), *text) == values.end() ? Truth::no : Truth::yes;
}

const Default* Resolution::default_of(const Key& key) const {
  for (const Default& candidate : key.defaults) {
    if (!candidate.when || holds(*candidate.when) == Truth::yes) return &candidate;
  }
  return nullptr;
}

}  // namespace optex
