#include "optex/setup/contents.hpp"

#include "optex/setup/assemble.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <xxhash.h>

namespace optex {
namespace {

/// A state has left the start behind, and what quality is measured on changes no round.
bool decides_rounds(std::string_view key) { return key != "problem.initial" && key != "data.test"; }

const std::string* hash_of(const ContentHashes& hashes, std::string_view key) {
  const auto found =
      std::find_if(hashes.begin(), hashes.end(), [&](const auto& entry) { return entry.first == key; });
  return found == hashes.end() ? nullptr : &found->second;
}

/// A start that is a file, there or gone.
bool names_a_start(const Setting& setting) {
  const auto* const text = std::get_if<std::string>(&setting.value);
  return setting.key->full_name() == "problem.initial" && text != nullptr &&
         text->find('/') != std::string::npos;
}

}  // namespace

ContentHashes content_hashes(const Config& config, const Problem& problem) {
  const RunDescription run = describe_run(config, problem);
  ContentHashes hashes;
  if (!run.data_hash.empty()) hashes.emplace_back("data.source", run.data_hash);
  std::istringstream lines(run.coordinate_files);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) line.erase(0, 2);
    hashes.emplace_back(line.substr(0, line.find(' ')), line.substr(line.rfind(' ') + 1));
  }
  return hashes;
}

std::string rounds_identity(const Config& config, const Problem& problem) {
  const ContentHashes hashes = content_hashes(config, problem);
  std::string text;
  for (const Setting& setting : config.settings()) {
    const std::string key = setting.key->full_name();
    if (!determines_numbers(*setting.key)) continue;
    const std::string* const hash = hash_of(hashes, key);
    if ((hash != nullptr && !decides_rounds(key)) || names_a_start(setting)) continue;
    text += hash != nullptr ? fmt::format("{} holds {}\n", key, *hash)
                            : fmt::format("{} = {}\n", key, to_toml(setting.value));
  }
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

std::string differences_in_numbers(const Config& first, const ContentHashes& in_first, const Config& second,
                                   const ContentHashes& in_second) {
  std::string text;
  const auto differs = [&](const std::string& key, const std::string& how) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", key, how);
  };
  const auto known_on_both_sides = [&](std::string_view key) {
    return hash_of(in_first, key) != nullptr && hash_of(in_second, key) != nullptr;
  };
  for (const KeyDifference& difference : differing_keys(first, second))
    if (!known_on_both_sides(difference.key))
      differs(difference.key, fmt::format("{} there, {} here", difference.first, difference.second));
  for (const auto& [key, hash] : in_first)
    if (const std::string* const other = hash_of(in_second, key); other != nullptr && *other != hash)
      differs(key, "other content");
  return text;
}

}  // namespace optex
