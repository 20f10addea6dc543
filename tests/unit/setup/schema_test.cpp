#include "optex/setup/schema.hpp"

#include "optex/setup/assemble.hpp"
#include "optex/setup/footprint.hpp"
#include "optex/setup/help.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "configurations.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::Contains;
using testing::HasSubstr;

const std::vector<Key>& keys() { return schema().keys(); }

bool is_section(std::string_view name) {
  const auto& sections = schema().sections();
  return std::any_of(sections.begin(), sections.end(), [&](const Section& s) { return s.name == name; });
}

std::vector<Condition> conditions_of(const Key& key) {
  std::vector<Condition> conditions = key.applies;
  for (const Default& candidate : key.defaults) {
    if (candidate.when) conditions.push_back(*candidate.when);
  }
  return conditions;
}

/// What has to be given so that `key` applies.
std::vector<Override> needed_for(const Key& key) {
  std::map<std::string, std::string> given;
  const auto need = [&](const auto& self, const Key& wanted) -> void {
    for (const Condition& condition : wanted.applies) {
      if (given.contains(std::string(condition.key))) continue;
      given[std::string(condition.key)] = std::string(condition.values.front());
      self(self, *schema().find(condition.key));
    }
  };
  need(need, key);
  if (key.name == "batches_per_point") given["problem.noise.kind"] = "gaussian";
  if (given.contains("problem.noise.kind")) given["problem.noise.sigma"] = "1";
  const std::string problem = given.contains("problem.name") ? given["problem.name"] : "";
  if (key.full_name() == "problem.buffer") given["data.batch"] = "2";
  if (key.full_name() == "failure.retries") given["failure.evaluation"] = "drop";
  if (problem == "plugin") given["problem.library"] = "./mine.so";
  if (problem == "logistic" || problem == "char_lm") given["data.source"] = "./mine.data";
  if (given.contains("optimizer.schedule")) given["optimizer.schedule_steps"] = "10";
  given.erase(key.full_name());
  std::vector<Override> overrides;
  for (const auto& [name, value] : given) overrides.push_back({name, value});
  return overrides;
}

// No integer is cut anywhere: each has a range where it is declared, and its ends arrive as they are.
TEST(Schema, EveryIntegerTakesItsExtremes) {
  constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  for (const Key& key : keys()) {
    if (key.kind != Kind::integer && key.kind != Kind::integer_list) continue;
    const std::string name = key.full_name();
    const bool any_bits = name == "run.seed";  // nothing is ever computed with it
    ASSERT_GE(key.range.min, 0.0) << name;
    ASSERT_TRUE(any_bits || key.range.max <= 1e15) << name;
    const auto low = static_cast<std::int64_t>(key.range.min);
    const auto high = any_bits ? largest : static_cast<std::int64_t>(key.range.max);
    const auto reads = [&](std::int64_t n) {
      const Value value = key.kind == Kind::integer ? Value(n) : Value(IntegerList{n, n});
      const std::string text = key.kind == Kind::integer ? fmt::format("{}", n) : fmt::format("{},{}", n, n);
      const Reading reading = check_value(key, value);
      EXPECT_EQ(reading.value, read_value(key, text).value) << name;
      if (reading.value) {
        EXPECT_EQ(*reading.value, value) << name;
      }
      return reading.value.has_value();
    };
    for (const std::int64_t n : {low, high}) {
      EXPECT_TRUE(reads(n)) << name << " " << n;
      if (key.kind != Kind::integer) continue;
      std::vector<Override> overrides = needed_for(key);
      overrides.push_back({name, fmt::format("{}", n)});
      const Config config = test::sphere_with(overrides);
      EXPECT_EQ(config.integer(name), n) << name;
      EXPECT_GT(footprint(config, 1000, 4, 0.0, 3).coordinator_total(), 0.0) << name;
      if (name == "checkpoint.keep") {
        EXPECT_EQ(assemble_checkpoint_schedule(config).keep, n);
      }
      if (name == "stop.patience") {
        EXPECT_EQ(assemble_stop_rules(config).patience, n);
      }
      if (name == "parallel.threads" && n > 0) {
        EXPECT_EQ(assemble_threads(config, 1), n);
      }
    }
    EXPECT_FALSE(reads(smallest)) << name;
    EXPECT_FALSE(reads(low - 1)) << name;
    if (!any_bits) {
      EXPECT_FALSE(reads(high + 1) || reads(largest)) << name;
    }
  }
}

TEST(Schema, NamesAreUniqueAndFound) {
  std::set<std::string> names;
  for (const Key& key : keys()) {
    EXPECT_TRUE(names.insert(key.full_name()).second) << key.full_name();
    EXPECT_EQ(schema().find(key.full_name()), &key);
    EXPECT_TRUE(is_section(key.section)) << key.full_name();
  }
  EXPECT_EQ(schema().find("optimizer"), nullptr);
  EXPECT_EQ(schema().find("optimizer.learning_rat"), nullptr);
  EXPECT_EQ(schema().find(""), nullptr);
}

TEST(Schema, EverySectionHasKeysThatStandTogether) {
  std::vector<std::string_view> order;
  for (const Key& key : keys()) {
    if (order.empty() || order.back() != key.section) order.push_back(key.section);
  }
  std::vector<std::string_view> sections;
  for (const Section& section : schema().sections()) sections.push_back(section.name);
  EXPECT_EQ(order, sections);
}

TEST(Schema, EveryDefaultPassesItsOwnCheck) {
  for (const Key& key : keys()) {
    for (const Default& candidate : key.defaults) {
      const Reading reading = read_value(key, candidate.value);
      EXPECT_TRUE(reading.value) << key.full_name() << ": " << reading.problem;
    }
  }
}

TEST(Schema, EveryDefaultCanBeReached) {
  for (const Key& key : keys()) {
    for (std::size_t i = 0; i + 1 < key.defaults.size(); ++i)
      EXPECT_TRUE(key.defaults[i].when) << key.full_name();
    // Only a key that must be given where none of its defaults holds may have none for all cases.
    if (!key.defaults.empty()) {
      EXPECT_EQ(key.defaults.back().when.has_value(), key.required) << key.full_name();
    }
  }
}

/// The longest way from this key along conditions.
int depth_of(const Key& key, int limit) {
  if (limit == 0) return 1;
  int depth = 0;
  for (const Condition& condition : conditions_of(key))
    if (const Key* on = schema().find(condition.key)) depth = std::max(depth, 1 + depth_of(*on, limit - 1));
  return depth;
}

TEST(Schema, ConditionsNameKeysAndTheirChoicesAndFormNoCircle) {
  for (const Key& key : keys()) {
    EXPECT_LT(depth_of(key, 8), 8) << key.full_name() << " depends on itself";
    for (const Condition& condition : conditions_of(key)) {
      const Key* on = schema().find(condition.key);
      ASSERT_NE(on, nullptr) << key.full_name();
      for (const std::string_view value : condition.values) {
        EXPECT_THAT(on->choices, Contains(std::string(value))) << key.full_name();
      }
    }
  }
}

TEST(Schema, ChoicesFitTheirKind) {
  for (const Key& key : keys()) {
    const bool has_choices = key.kind == Kind::choice || key.kind == Kind::choice_or_real ||
                             key.kind == Kind::choice_or_folder || key.kind == Kind::choice_or_dataset;
    EXPECT_EQ(has_choices, !key.choices.empty()) << key.full_name();
    for (const std::string& choice : key.choices)
      EXPECT_TRUE(check_value(key, choice).value) << key.full_name();
  }
}

TEST(Schema, BoundsAreHeldExactly) {
  for (const Key& key : keys()) {
    if (key.kind != Kind::real && key.kind != Kind::choice_or_real && key.kind != Kind::real_or_dataset)
      continue;
    if (std::isfinite(key.range.min)) {
      EXPECT_EQ(check_value(key, key.range.min).value.has_value(), !key.range.open_min) << key.full_name();
      EXPECT_FALSE(check_value(key, std::nextafter(key.range.min, -1e300)).value) << key.full_name();
      EXPECT_TRUE(check_value(key, std::nextafter(key.range.min, 1e300)).value) << key.full_name();
    }
    if (std::isfinite(key.range.max)) {
      EXPECT_EQ(check_value(key, key.range.max).value.has_value(), !key.range.open_max) << key.full_name();
      EXPECT_FALSE(check_value(key, std::nextafter(key.range.max, 1e300)).value) << key.full_name();
    }
  }
}

TEST(Schema, EveryKeyIsInTheHelp) {
  const std::string help = key_help({.colour = false, .width = 100});
  for (const Key& key : keys()) {
    EXPECT_FALSE(key.help.empty()) << key.full_name();
    EXPECT_THAT(help, HasSubstr(fmt::format("\n  {}", key.name))) << key.full_name();
  }
}

TEST(Schema, EverySlipInAKeyIsAnsweredWithThatKey) {
  for (const Key& key : keys()) {
    std::vector<Override> overrides;
    for (const std::string& slip : test::slips_of(key.full_name())) {
      if (schema().find(slip) == nullptr) overrides.push_back({slip, "1"});
    }
    const auto lines = test::mistakes_in("[problem]\nname = \"sphere\"\n", overrides);
    ASSERT_EQ(lines.size(), overrides.size()) << key.full_name();  // all of them at once
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_THAT(lines[i], HasSubstr("--" + overrides[i].key + ": unknown key '" + overrides[i].key + "'"));
      const bool answered =
          lines[i].find(fmt::format("'{}'", key.name), lines[i].find("did you mean")) != std::string::npos ||
          lines[i].find(fmt::format("'{}'", key.full_name()), lines[i].find("did you mean")) !=
              std::string::npos;
      EXPECT_TRUE(answered) << lines[i];
    }
  }
}

TEST(Schema, EverySlipInAChoiceIsAnsweredWithThatChoice) {
  for (const Key& key : keys()) {
    for (const std::string& choice : key.choices) {
      for (const std::string& slip : test::slips_of(choice)) {
        const Reading reading = check_value(key, slip);
        if (reading.value) continue;  // another choice
        if (parse_real(slip)) continue;
        EXPECT_THAT(reading.problem, HasSubstr(fmt::format("'{}'", choice))) << key.full_name();
      }
    }
  }
}

TEST(Schema, EverySlipInASectionIsAnsweredWithThatSection) {
  for (const Section& section : schema().sections()) {
    if (section.name.find('.') != std::string_view::npos) continue;
    for (const std::string& slip : test::slips_of(std::string(section.name))) {
      if (slip.empty() || is_section(slip)) continue;
      const auto lines = test::mistakes_in("problem.name = \"sphere\"\n[" + slip + "]\n");
      ASSERT_EQ(lines.size(), 1u) << slip;
      EXPECT_THAT(lines.front(),
                  HasSubstr(fmt::format("file.toml:2:2: unknown section '{}'; did you mean", slip)));
      EXPECT_THAT(lines.front(), HasSubstr(fmt::format("'{}'", section.name)));
    }
  }
}

}  // namespace
}  // namespace optex
