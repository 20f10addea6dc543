#include "toml_lexis.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace optex {
namespace {

// Far beyond any configuration, and what a recursive reader can take: each table within another is a call.
constexpr int deepest = 50;
constexpr int most_values = 300'000;

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// Walks over the text and knows what is string, what is comment, and what is neither.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  void run() {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark)) position_ = byte_order_mark.size();
    while (!done() && !hopeless_) {
      if (current() == '#') {
        while (!done() && current() != '\n') advance();
      } else if (is_quote(current())) {
        skip_string();
      } else if (current() == '[' && depth_ == 0 && line_is_blank_) {
        skip_header();
      } else {
        take_plain();
      }
    }
  }

 private:
  bool done() const { return position_ >= text_.size(); }
  char current() const { return text_[position_]; }
  char previous() const { return position_ == 0 ? '\n' : text_[position_ - 1]; }

  void advance() {
    // Columns count characters, so the bytes that continue one do not count.
    const bool continues = (static_cast<unsigned char>(text_[position_]) & 0xC0) == 0x80;
    if (text_[position_] == '\n') {
      ++line_;
      column_ = 1;
    } else if (!continues) {
      ++column_;
    }
    line_is_blank_ = text_[position_] == '\n' || (line_is_blank_ && is_blank(text_[position_]));
    ++position_;
  }

  [[noreturn]] void refuse(std::string_view what) const {
    throw UsageError(fmt::format("{}:{}:{}: not TOML: {}", file_, line_, column_, what));
  }

  void take_plain() {
    const char c = current();
    if (!is_ascii(c)) refuse("a character beyond ASCII outside of quotes");
    if (c == '[' || c == '{') ++depth_;
    if (c == ']' || c == '}') depth_ = std::max(depth_ - 1, 0);
    if (depth_ > deepest) refuse(fmt::format("more than {} arrays and tables within each other", deepest));
    // Every dot of a key opens a table; numbers have one, and what stands between two keys ends the count.
    if (c == '.' && ++dots_ > deepest) refuse(fmt::format("a name of more than {} parts", deepest));
    if ((c == ',' || c == '=') && ++values_ > most_values)
      refuse(fmt::format("more than {} keys and values", most_values));
    if (c == '\n' || c == ',' || c == '{' || c == '=') dots_ = 0;
    advance();
  }

  void skip_header() {
    dots_ = 0;
    advance();
    if (!done() && current() == '[') advance();
    while (!done() && is_blank(current())) advance();
    if (done() || !(is_bare(current()) || is_quote(current()) || current() == ']')) {
      refuse("a section's name is missing behind '['");
    }
    // The closing bracket must not count as the end of an array.
    while (!done() && current() != '\n' && current() != '#' && current() != ']') {
      if (is_quote(current())) {
        skip_string();
        if (hopeless_) return;
      } else {
        take_plain();
      }
    }
    depth_ = 0;
  }

  void skip_string() {
    if (is_bare(previous()) || is_quote(previous())) refuse("a quote in the middle of a word");
    const char quote = current();
    const std::string three(3, quote);
    if (text_.substr(position_).starts_with(three)) {
      for (int i = 0; i < 3; ++i) advance();
      while (!done() && !text_.substr(position_).starts_with(three)) skip_character(quote);
      // Up to two quotes more belong to the text.
      for (int i = 0; i < 5 && !done() && current() == quote; ++i) advance();
      return;
    }
    advance();
    while (!done() && current() != quote && current() != '\n') skip_character(quote);
    if (done() || current() == '\n') {
      hopeless_ = true;  // toml++ stops here as well
      return;
    }
    advance();
  }

  void skip_character(char quote) {
    if (quote == '"' && current() == '\\') {
      advance();
      if (done() || current() == '\n') return;
    }
    advance();
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t position_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
  bool line_is_blank_ = true;  // up to here
  int depth_ = 0;              // of arrays and inline tables
  int values_ = 0;             // keys and list entries, about
  int dots_ = 0;               // of the name at hand
  bool hopeless_ = false;      // a string does not end: nothing behind it can be told apart
};

}  // namespace

void check_lexis(std::string_view text, const std::string& file) { Scanner(text, file).run(); }

}  // namespace optex
