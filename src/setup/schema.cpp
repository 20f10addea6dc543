#include "optex/setup/schema.hpp"

#include <algorithm>

#include "key_tables.hpp"

namespace optex {
namespace {

const std::vector<Section>& section_table() {
  static const std::vector<Section> table = {
      {"run", "the run itself"},
      {"problem", "what is minimised"},
      {"problem.noise", "noise added to gradients, for experiments"},
      {"problem.cost", "gradients that take their time, for rehearsals"},
      {"data", "for problems that learn from data"},
      {"optimizer", "the first-order rule that makes a step out of a gradient"},
      {"method", "how a round spends its parallel gradients"},
      {"estimator", "the Gaussian process that predicts gradients"},
      {"parallel", "how the ranks are used"},
      {"stop", "when a run is over: the first rule that is met"},
      {"checkpoint", "what is kept for a restart"},
      {"failure", "what happens when something breaks"},
      {"log", "what is said on the way"},
  };
  return table;
}

std::vector<Key> key_table() {
  const std::vector<Key> run = {
      computed("the file's name without .toml",
               plain_key(Kind::file_name, "name", {}, "the run's folder within `output`")),
      integer_key("seed", "0", not_negative, "of every random draw"),
      plain_key(Kind::text, "output", "runs", "folder that holds the runs' folders"),
  };
  return joined({keys_of("run", run), problem_keys(), data_keys(), optimizer_keys(), method_keys(),
                 estimator_keys(), conduct_keys()});
}

}  // namespace

Schema::Schema(std::vector<Section> sections, std::vector<Key> keys)
    : sections_(std::move(sections)), keys_(std::move(keys)) {}

const Key* Schema::find(std::string_view full_name) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) {
    return full_name.size() == key.section.size() + 1 + key.name.size() &&
           full_name.starts_with(key.section) && full_name[key.section.size()] == '.' &&
           full_name.ends_with(key.name);
  });
  return found == keys_.end() ? nullptr : &*found;
}

const Schema& schema() {
  static const Schema instance(section_table(), key_table());
  return instance;
}

bool determines_numbers(const Key& key) {
  const auto within = [&](std::string_view section) {
    return key.section == section || key.section.starts_with(std::string(section) + ".");
  };
  if (key.full_name() == "problem.directory") return false;  // where, not what
  if (key.full_name() == "data.header") return false;        // how; what is read has a hash
  return (key.section == "run" && key.name == "seed") || within("problem") || within("data") ||
         within("optimizer") || within("method") || within("estimator");
}

}  // namespace optex
