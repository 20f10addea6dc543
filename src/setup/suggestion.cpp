#include "optex/setup/suggestion.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string initials(std::string_view name) {
  std::string letters;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i == 0 || name[i - 1] == '_') letters += name[i];
  }
  return letters;
}

bool abbreviates(const std::string& word, std::string_view name) {
  return word.size() >= 2 && (name.starts_with(word) || initials(name) == word);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: a swap looks back two.
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

bool is_near(std::size_t distance, std::string_view word) {
  return distance <= std::max<std::size_t>(1, word.size() / 3);
}

std::optional<std::size_t> near_distance(std::string_view word, std::string_view name) {
  const auto [shorter, longer] = std::minmax({word.size(), name.size()});
  if (!is_near(longer - shorter, word)) return std::nullopt;
  const std::size_t distance = edit_distance(word, name);
  return is_near(distance, word) ? std::optional(distance) : std::nullopt;
}

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names) {
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  std::vector<std::string> found;
  const std::string short_form = lower_case(word);
  for (const std::string& name : names) {
    const std::optional<std::size_t> distance = near_distance(short_form, lower_case(name));
    if (!distance || *distance > smallest) continue;
    if (*distance < smallest) found.clear();
    smallest = *distance;
    found.push_back(name);
  }
  if (!found.empty()) return found;
  std::copy_if(names.begin(), names.end(), std::back_inserter(found),
               [&](const std::string& name) { return abbreviates(short_form, name); });
  return found;
}

std::string quoted_alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "'" + names[i] + "'";
  }
  return text;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string> near = nearest(word, names);
  if (near.empty()) return fmt::format("valid: {}", fmt::join(names, ", "));
  return fmt::format("did you mean {}?", quoted_alternatives(near));
}

}  // namespace optex
