#include "optex/setup/suggestion.hpp"

#include <algorithm>

#include "given.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

/// What to write instead: a name within the section, or "section.name".
struct Candidate {
  std::size_t distance;
  std::string words;
};

std::vector<std::string> closest(const std::vector<Candidate>& candidates) {
  std::vector<std::string> words;
  std::size_t smallest = static_cast<std::size_t>(-1);
  for (const Candidate& candidate : candidates) smallest = std::min(smallest, candidate.distance);
  for (const Candidate& candidate : candidates) {
    if (candidate.distance == smallest) words.push_back(candidate.words);
  }
  return words;
}

}  // namespace

std::string unknown_key(const Schema& schema, std::string_view section, std::string_view name) {
  const std::string full = section.empty() ? std::string(name) : fmt::format("{}.{}", section, name);
  if (std::string why = why_retired(full); !why.empty()) return why;
  std::vector<std::string> siblings;
  std::vector<Candidate> candidates;
  for (const Key& key : schema.keys()) {
    if (key.section == section) {
      siblings.emplace_back(key.name);
    } else if (key.name == name) {
      candidates.push_back(
          {1, key.full_name()});  // the right name in the wrong section: as likely as one slip
    } else if (const auto distance = near_distance(full, key.full_name())) {
      candidates.push_back({*distance, key.full_name()});
    }
  }
  for (const std::string& sibling : nearest(name, siblings)) {
    candidates.push_back({edit_distance(name, sibling), sibling});
  }
  std::string advice;
  if (!candidates.empty()) {
    advice = fmt::format("did you mean {}?", quoted_alternatives(closest(candidates)));
  } else if (!siblings.empty()) {
    advice = fmt::format("[{}] has {}", section, fmt::join(siblings, ", "));
  } else {
    std::vector<std::string_view> sections;
    for (const Section& known : schema.sections()) sections.push_back(known.name);
    advice = fmt::format("sections: {}", fmt::join(sections, ", "));
  }
  return fmt::format("unknown key '{}'; {}", full, advice);
}

}  // namespace optex
