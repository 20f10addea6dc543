#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace optex::fuzz {

/// Changed copies of stored inputs: flipped bits, bytes that are odd numbers, pieces left out, repeated, or
/// taken from other inputs, words of the inputs and words that readers stumble over. Mutant n of a seed is
/// always the same, whatever came before it. At most `longest` bytes.
class Mutants {
 public:
  static constexpr std::size_t longest = 16384;

  /// At least one input.
  Mutants(std::vector<std::string> inputs, std::uint64_t seed);

  std::string operator()(std::uint64_t number) const;

 private:
  using Random = std::mt19937_64;

  const std::string& any_input(Random& random) const;
  std::string_view any_word(Random& random) const;
  void change(std::string& bytes, Random& random) const;

  std::vector<std::string> inputs_;
  std::vector<std::string> words_;
  std::uint64_t seed_;
};

}  // namespace optex::fuzz
