#include "escape.hpp"

#include "optex/text/utf8.hpp"

namespace optex {

std::string escaped(std::string_view text) {
  const bool readable = is_utf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (byte < 0x20 || byte == 0x7F)
      out += ' ';
    else if (byte >= 0x80 && !readable)
      out += '?';
    else
      out += c;
  }
  return out;
}

}  // namespace optex
