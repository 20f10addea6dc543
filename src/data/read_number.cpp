#include "read_number.hpp"

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <string>

#include <locale.h>

namespace optex {
namespace {

/// What std::from_chars does not say of numbers beyond the range: where they end.
double nearest_number(const std::string& text) {
  static const locale_t classic = newlocale(LC_ALL_MASK, "C", nullptr);
  return strtod_l(text.c_str(), nullptr, classic);
}

}  // namespace

std::optional<double> read_number(std::string_view text) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  const char* const end_of_text = text.data() + text.size();
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), end_of_text, value);
  if (end == end_of_text) {
    if (error == std::errc{}) return value;
    if (error == std::errc::result_out_of_range) return nearest_number(std::string(text));
    return std::nullopt;
  }
  // Fortran's exponent of double precision.
  if (end == text.data() || (*end != 'D' && *end != 'd')) return std::nullopt;
  std::string with_e(text);
  with_e[static_cast<std::size_t>(end - text.data())] = 'e';
  return read_number(with_e);
}

}  // namespace optex
