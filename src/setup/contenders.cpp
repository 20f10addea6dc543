#include "optex/setup/contenders.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/footprint.hpp"
#include "optex/setup/update_rule.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr const char* averaged_data_parallel = "data_parallel_averaged";
constexpr const char* paper_recipe = "paper";
constexpr const char* lbfgs_of_long_memory = "lbfgs_60";

template <class Build>
bool names(const Catalogue<Build>& catalogue, const std::string& name) {
  return std::any_of(catalogue.begin(), catalogue.end(),
                     [&](const auto& entry) { return entry.name == name; });
}

/// True when `name` stands for the very method that is configured.
bool is_configured(const Config& config, const std::string& name) {
  if (name == averaged_data_parallel || name == lbfgs_of_long_memory) return false;
  if (name == paper_recipe) return config.is("method.preset", "paper");
  if (names(methods(), name)) return config.is("method.name", name);
  return config.is("method.name", "optex") && config.is("method.update", name);
}

std::vector<Override> keys_of(const Config& config, const std::string& name) {
  if (name == averaged_data_parallel) {
    std::vector<Override> keys{{"method.name", "data_parallel"}, {"method.average", "tail"}};
    // N steps of Adam a round forget like beta1^N: so must the one step.
    if (config.has("optimizer.beta1")) keys.push_back({"optimizer.beta1", "0.66"});
    return keys;
  }
  if (name == paper_recipe) return {{"method.name", "optex"}, {"method.preset", "paper"}};
  if (name == lbfgs_of_long_memory) return {{"method.name", "lbfgs"}, {"method.memory", "60"}};
  if (name == "target" && is_noisy(config)) return {{"method.name", name}, {"method.average", "tail"}};
  if (names(methods(), name)) return {{"method.name", name}};
  return {{"method.name", "optex"}, {"method.update", name}};
}

/// The configuration as text without the keys of another method.
std::string without_method(const Config& config) {
  std::vector<Setting> settings;
  for (const Setting& setting : config.settings()) {
    const std::string key = setting.key->full_name();
    if (setting.key->section == "estimator" ||
        (setting.key->section == "method" && key != "method.parallelism" &&
         key != "method.batches_per_point"))
      continue;
    settings.push_back(setting);
  }
  return Config(std::move(settings)).to_toml();
}

/// The first mistake without the place in a text that the user has never seen.
std::string first_mistake(const std::string& text, const std::string& document) {
  std::string line = text.substr(0, text.find('\n'));
  if (line.starts_with(document + ":")) line = line.substr(std::min(line.find(": ") + 2, line.size()));
  return line;
}

}  // namespace

std::vector<ContenderChoice> contender_choices() {
  std::vector<ContenderChoice> choices;
  for (const auto& entry : methods()) choices.push_back({entry.name, entry.help});
  for (const auto& entry : updates()) choices.push_back({entry.name, "optex: " + entry.help});
  choices.push_back({paper_recipe, "optex with the publication's recipe"});
  choices.push_back({lbfgs_of_long_memory, "lbfgs with method.memory = 60"});
  choices.push_back({averaged_data_parallel, "data_parallel with a tail average and beta1 = 0.66"});
  return choices;
}

std::vector<std::string> usual_contenders(const Config& config) {
  std::vector<std::string> wanted;
  if (is_noisy(config)) {
    wanted = {"vanilla", "data_parallel", averaged_data_parallel, "target", "whitened", "sequence"};
    // What auto takes here is among them already.
    const bool configured = config.is("method.update", "auto") ||
                            std::any_of(wanted.begin(), wanted.end(),
                                        [&](const auto& name) { return is_configured(config, name); });
    if (!configured) wanted.push_back(config.text("method.name"));
  } else {
    wanted = {"vanilla", "target", "optex", "lbfgs", lbfgs_of_long_memory, "anderson"};
  }
  return wanted;
}

ContenderConfig contender(const Config& config, const std::string& name) {
  const std::vector<ContenderChoice> choices = contender_choices();
  if (std::none_of(choices.begin(), choices.end(), [&](const auto& choice) { return choice.name == name; })) {
    std::vector<std::string> known;
    known.reserve(choices.size());
    for (const ContenderChoice& choice : choices) known.push_back(choice.name);
    refuse_name(name, "method", known);
  }
  const std::string document = "method " + name;
  try {
    Config own = is_configured(config, name)
                     ? config
                     : parse_config(without_method(config), document, keys_of(config, name));
    const bool averages = own.has("method.average") && !own.is("method.average", "none");
    const MethodTraits& method = effective_traits(own);
    const std::string label = name == "optex" ? fmt::format("optex ({})", effective_update(own)) : name;
    const Index points =
        own.text("method.name") == "optex" ? own.integer_if_set("method.parallelism").value_or(1) : 1;
    return {label,
            name == "target",
            averages || method.schedule_free,
            method.tries_points,
            own.has("optimizer.learning_rate") && method.has_rate,
            points,
            std::move(own)};
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{} does not go with this configuration: {}", name,
                                 first_mistake(error.what(), document)));
  }
}

Config with_seed_and_rate(const Config& config, std::int64_t seed, std::optional<double> learning_rate) {
  std::vector<Override> overrides{{"run.seed", std::to_string(seed)}};
  if (learning_rate && config.has("optimizer.learning_rate"))
    overrides.push_back({"optimizer.learning_rate", shortest(*learning_rate)});
  return parse_config(config.to_toml(), "configuration", overrides);
}

}  // namespace optex
