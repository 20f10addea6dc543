#include "moved_files.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/content_hash.hpp"
#include "optex/hdf5/read_vector.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::string_view compared_anyway[] = {"data.source", "problem.lower", "problem.upper",
                                                "problem.scale"};
constexpr std::string_view compared_when_moved[] = {"data.test", "problem.initial"};

bool is_among(const auto& keys, std::string_view key) {
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

/// True when both values of the key, as TOML, are paths.
bool are_places(const KeyDifference& difference) {
  const auto is_path = [&](const std::string& value) {
    return value.starts_with('"') && (difference.key.starts_with("data.") || value.find('/') != value.npos);
  };
  return is_path(difference.first) && is_path(difference.second);
}

/// Of the line "# KEY = FILE HASH"; empty when there is none.
std::string hash_in(const std::string& lines, const std::string& key) {
  std::istringstream all(lines);
  for (std::string line; std::getline(all, line);)
    if (line.starts_with("# " + key + " = ")) return line.substr(line.rfind(' ') + 1);
  return "";
}

std::string start_hash(const std::string& place) {
  const std::size_t colon = place.rfind(":/");
  if (colon == std::string::npos) return "";
  try {
    return content_hash(hdf5::read_vector(place.substr(0, colon), place.substr(colon + 1)));
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

std::string hashes_of_places(const Config& config, const Problem& problem) {
  std::string lines;
  const auto add = [&](const std::string& key, const std::string& hash) {
    if (!hash.empty()) lines += fmt::format("# {} = {} {}\n", key, toml_string(config.text(key)), hash);
  };
  add("problem.initial", start_hash(config.text("problem.initial")));
  if (config.has("data.test") && problem.test) add("data.test", problem.test->hash);
  return lines;
}

std::string differences_beyond_places(const Config& stored, const Config& config,
                                      const std::string& stored_hashes, const std::string& hashes) {
  std::string text;
  for (const KeyDifference& difference : differing_keys(stored, config)) {
    std::string other_content;
    if (are_places(difference)) {
      if (is_among(compared_anyway, difference.key)) continue;
      // Older checkpoints do not know what was in it.
      if (difference.key == "problem.library" && stored_hashes.find("problem.library ") != std::string::npos)
        continue;
      if (is_among(compared_when_moved, difference.key)) {
        const std::string there = hash_in(stored_hashes, difference.key);
        const std::string here = hash_in(hashes, difference.key);
        // What quality is measured on changes no round; older checkpoints do not know it.
        if (there == here ? !there.empty() : there.empty() && difference.key == "data.test") continue;
        other_content = there.empty() || here.empty() ? ", with unknown content" : ", with other content";
      }
    }
    text += fmt::format("{}{} ({} there, {} here{})", text.empty() ? "" : ", ", difference.key,
                        difference.first, difference.second, other_content);
  }
  return text;
}

std::string hashes_with_kept(const std::string& hashes, const std::string& stored_hashes) {
  std::string all = hashes;
  std::istringstream lines(stored_hashes);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# ") && hash_in(hashes, line.substr(2, line.find(" = ") - 2)).empty())
      all += line + "\n";
  return all;
}

}  // namespace optex
