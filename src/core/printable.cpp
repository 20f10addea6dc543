#include "optex/core/printable.hpp"

namespace optex {

std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if (byte < 0x20 || byte == 0x7F) out[i] = ' ';
    // U+0080 to U+009F are control characters as well: C2 80 to C2 9F.
    if (byte != 0xC2 || i + 1 == out.size()) continue;
    const auto next = static_cast<unsigned char>(out[i + 1]);
    if (next >= 0x80 && next <= 0x9F) out[i] = out[i + 1] = ' ';
  }
  return out;
}

}  // namespace optex
