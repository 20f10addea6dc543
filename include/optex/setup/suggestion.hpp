#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace optex {

/// Number of insertions, deletions, replacements and swaps of neighbours between two words
/// (Damerau-Levenshtein distance, optimal string alignment). Cost: |a| |b|.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// True when `word` is so close to `name` that it is probably meant: one slip, or one for every three
/// letters.
bool is_near(std::size_t distance, std::string_view word);

/// The distance when it is near. Costs nothing when the lengths alone say that it is not: words come from
/// files that anybody may have written.
std::optional<std::size_t> near_distance(std::string_view word, std::string_view name);

/// All names at the smallest distance from `word`, where upper and lower case are the same; when none is
/// near, those that it abbreviates: "lr", "eps" for learning_rate, epsilon.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names);

/// "did you mean 'a' or 'b'?" for the nearest names, or "valid: a, b, c" when none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& names);

/// "'a'", "'a' or 'b'", "'a', 'b' or 'c'".
std::string quoted_alternatives(const std::vector<std::string>& names);

}  // namespace optex
