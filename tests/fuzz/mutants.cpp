#include "fuzz/mutants.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace optex::fuzz {
namespace {

using namespace std::string_view_literals;

constexpr std::array odd_words = {""sv,
                                  "\0"sv,
                                  "\0\0\0\0"sv,
                                  "\xff"sv,
                                  "\xff\xff\xff\xff"sv,
                                  "\xc3\x28"sv,
                                  "\xef\xbb\xbf"sv,
                                  "\r\n"sv,
                                  "\n"sv,
                                  "0"sv,
                                  "-1"sv,
                                  "-0"sv,
                                  "nan"sv,
                                  "inf"sv,
                                  "1e309"sv,
                                  "1e-999"sv,
                                  "9223372036854775808"sv,
                                  "4294967296"sv,
                                  "0x"sv,
                                  "1_0"sv,
                                  "null"sv,
                                  "true"sv,
                                  "{}"sv,
                                  "[]"sv,
                                  "[["sv,
                                  "\"\""sv,
                                  "\"\"\""sv,
                                  "'"sv,
                                  "\\"sv,
                                  "\\u0000"sv,
                                  "="sv,
                                  "."sv,
                                  ","sv,
                                  ":"sv,
                                  "#"sv,
                                  "../"sv,
                                  "/"sv,
                                  " "sv,
                                  "\t"sv,
                                  "\x1b[2J"sv,
                                  "</script>"sv,
                                  "\x1f\x8b"sv};
constexpr std::array<std::uint8_t, 8> odd_bytes = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 0x0a};

/// In [0, end); 0 when end is 0. That small numbers come a little more often matters to nobody here.
std::size_t below(std::mt19937_64& random, std::size_t end) { return end == 0 ? 0 : random() % end; }

bool belongs_to_a_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

/// Every run of letters, digits and ._- of 2 to 40 characters, once.
std::vector<std::string> words_of(const std::vector<std::string>& inputs) {
  std::set<std::string> words;
  for (const std::string& input : inputs)
    for (auto from = input.begin(); from != input.end();) {
      from = std::find_if(from, input.end(), belongs_to_a_word);
      const auto to = std::find_if_not(from, input.end(), belongs_to_a_word);
      if (to - from >= 2 && to - from <= 40) words.emplace(from, to);
      from = to;
    }
  return {words.begin(), words.end()};
}

/// Where a piece of `bytes` begins and how long it is; mostly short ones.
std::pair<std::size_t, std::size_t> any_piece(std::string_view bytes, std::mt19937_64& random) {
  const std::size_t from = below(random, bytes.size() + 1);
  const std::size_t room = bytes.size() - from;
  return {from, below(random, (random() % 4 == 0 ? room : std::min<std::size_t>(room, 16)) + 1)};
}

}  // namespace

Mutants::Mutants(std::vector<std::string> inputs, std::uint64_t seed)
    : inputs_(std::move(inputs)), words_(words_of(inputs_)), seed_(seed) {}

std::string Mutants::operator()(std::uint64_t number) const {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32U),
                         static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32U)};
  Random random(sequence);
  std::string bytes = any_input(random);
  // One change finds the checks of single fields; several find what only happens together.
  for (std::size_t changes = std::size_t{1} << below(random, 4); changes > 0; --changes)
    change(bytes, random);
  bytes.resize(std::min(bytes.size(), longest));
  return bytes;
}

const std::string& Mutants::any_input(Random& random) const { return inputs_[below(random, inputs_.size())]; }

std::string_view Mutants::any_word(Random& random) const {
  if (words_.empty() || random() % 2 == 0) return odd_words[below(random, odd_words.size())];
  return words_[below(random, words_.size())];
}

void Mutants::change(std::string& bytes, Random& random) const {
  const auto kind = random() % 8;
  if (kind <= 1 && !bytes.empty()) {
    char& byte = bytes[below(random, bytes.size())];
    byte = kind == 0 ? static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (random() % 8)))
                     : static_cast<char>(odd_bytes[below(random, odd_bytes.size())]);
    return;
  }
  const auto [from, length] = any_piece(bytes, random);
  switch (kind) {
    case 2:
      bytes.erase(from, length);
      return;
    case 3:
      bytes.insert(from, std::string(bytes, from, length));
      return;
    case 4:
      bytes.insert(from, any_word(random));
      return;
    case 5:
      bytes.replace(from, length, any_word(random));
      return;
    case 6: {  // a piece of another input, in the middle
      const std::string& other = any_input(random);
      const auto [first, count] = any_piece(other, random);
      bytes.replace(from, length, other, first, count);
      return;
    }
    default: {  // the rest of another input
      const std::string& other = any_input(random);
      bytes.replace(from, std::string::npos, other, below(random, other.size() + 1), std::string::npos);
    }
  }
}

}  // namespace optex::fuzz
