#include "csv_fields.hpp"

#include <algorithm>

#include "read_number.hpp"

namespace optex {
namespace {

constexpr std::size_t none = std::string_view::npos;
constexpr std::string_view delimiters = "\t;|,";

bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The quote that ends what begins at `begin`; two in a row stand for one that is text.
std::size_t closing_quote(std::string_view line, std::size_t begin) {
  const char quote = line[begin];
  for (std::size_t at = line.find(quote, begin + 1); at != none; at = line.find(quote, at + 2)) {
    if (at + 1 >= line.size() || line[at + 1] != quote) return at;
  }
  return none;
}

/// Where the quoted text that begins at `begin` is over: behind its quote, or `none` when there is none, or
/// (an apostrophe) when text follows.
std::size_t end_of_quoted(std::string_view line, std::size_t begin) {
  const std::size_t close = closing_quote(line, begin);
  if (close == none) return none;
  const bool ends_field =
      close + 1 == line.size() || is_blank(line[close + 1]) || delimiters.find(line[close + 1]) != none;
  return ends_field ? close + 1 : none;
}

/// Visits what stands outside of quotes. Returns whether a quote stays open.
template <class Visit>
bool outside_of_quotes(std::string_view line, Visit visit) {
  bool at_start = true;  // of a field
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (at_start && is_quote(c)) {
      const std::size_t end = end_of_quoted(line, i);
      if (end == none && c == '"' && closing_quote(line, i) == none) return true;
      if (end != none) {
        i = end - 1;
        at_start = false;
        continue;
      }
    }
    visit(c);
    at_start = is_blank(c) || delimiters.find(c) != none;
  }
  return false;
}

}  // namespace

char delimiter_of(std::string_view line) {
  line = without_blanks(line);
  std::size_t best = delimiters.size();
  bool blanks = false;
  outside_of_quotes(line, [&](char c) {
    best = std::min(best, delimiters.find(c));
    blanks = blanks || c == ' ';
  });
  if (best < delimiters.size()) return delimiters[best];
  return blanks ? ' ' : ',';
}

bool leaves_quote_open(std::string_view line) {
  return outside_of_quotes(line, [](char) {});
}

void split_fields(std::string_view line, char delimiter, std::vector<std::string_view>& fields) {
  fields.clear();
  const auto skips = [&](char c) { return is_blank(c) && (c != delimiter || delimiter == ' '); };
  if (delimiter == ' ') line = without_blanks(line);
  for (std::size_t at = 0;;) {
    while (at < line.size() && skips(line[at])) ++at;
    const std::size_t begin = at;
    std::size_t end = none;
    if (begin < line.size() && is_quote(line[begin])) {
      std::size_t behind = end_of_quoted(line, begin);
      if (behind != none) {
        const std::string_view inside = line.substr(begin + 1, behind - begin - 2);
        while (behind < line.size() && skips(line[behind]) && delimiter != ' ') ++behind;
        if (behind == line.size() || line[behind] == delimiter) {
          fields.push_back(without_blanks(inside));
          end = behind;
        }
      }
    }
    if (end == none) {
      end = std::min(line.find(delimiter, begin), line.size());
      fields.push_back(without_blanks(line.substr(begin, end - begin)));
    }
    if (end >= line.size()) return;
    at = end + 1;
  }
}

std::optional<double> read_cell(std::string_view field) {
  for (const std::string_view word : {"True", "true", "TRUE"})
    if (field == word) return 1.0;
  for (const std::string_view word : {"False", "false", "FALSE"})
    if (field == word) return 0.0;
  return read_number(field);
}

}  // namespace optex
