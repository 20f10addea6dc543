#pragma once

#include "optex/core/errors.hpp"
#include "optex/setup/config.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace optex::test {

/// A configuration of the default problem of these tests, changed on the command line.
inline Config sphere_with(const std::vector<Override>& overrides = {}) {
  return parse_config("[problem]\nname = \"sphere\"\n", "sphere.toml", overrides);
}

/// The lines of the UsageError that reading this text throws; empty when it throws none.
inline std::vector<std::string> mistakes_in(const std::string& text,
                                            const std::vector<Override>& overrides = {}) {
  try {
    parse_config(text, "file.toml", overrides);
    return {};
  } catch (const UsageError& error) {
    std::vector<std::string> lines;
    std::string rest = error.what();
    for (std::size_t end = 0; end != std::string::npos; rest.erase(0, end + 1)) {
      end = rest.find('\n');
      lines.push_back(rest.substr(0, end));
      if (end == std::string::npos) break;
    }
    return lines;
  }
}

/// Every word at one insertion, deletion, replacement or swap of neighbours from `word`.
inline std::vector<std::string> slips_of(const std::string& word) {
  const std::string alphabet = "abcdefghijklmnopqrstuvwxyz0123456789_";
  std::vector<std::string> slips;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    for (const char c : alphabet) slips.push_back(word.substr(0, i) + c + word.substr(i));
    if (i == word.size()) break;
    slips.push_back(word.substr(0, i) + word.substr(i + 1));
    for (const char c : alphabet) slips.push_back(word.substr(0, i) + c + word.substr(i + 1));
    if (i + 1 < word.size()) {
      std::string swapped = word;
      std::swap(swapped[i], swapped[i + 1]);
      slips.push_back(swapped);
    }
  }
  std::sort(slips.begin(), slips.end());
  slips.erase(std::unique(slips.begin(), slips.end()), slips.end());
  std::erase(slips, word);
  return slips;
}

}  // namespace optex::test
