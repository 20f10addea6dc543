#include "csv_header.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "csv_fields.hpp"

namespace optex {
namespace {

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool is_word(std::string_view field) {
  constexpr std::string_view missing[] = {"na",  "n/a",     "nan",  "null", "none",
                                          "nil", "missing", "true", "false"};
  const std::string lower = in_lower_case(field);
  const auto lead = static_cast<unsigned char>(field.empty() ? ' ' : field.front());
  const bool like_name = std::isalpha(lead) != 0 || lead == '_' || lead >= 0x80;
  return like_name && std::find(std::begin(missing), std::end(missing), lower) == std::end(missing);
}

}  // namespace

FirstLine first_line(const std::vector<std::string_view>& fields) {
  const bool row_numbers = !fields.empty() && fields.front().empty();
  auto begin = fields.begin() + (row_numbers ? 1 : 0), end = fields.end();
  if (begin != end && (end - 1)->empty()) --end;
  if (begin == end) return FirstLine::sample;
  const auto is_number = [](std::string_view field) { return read_cell(field).has_value(); };
  // Whatever is no number is a name when no field is one: "# of rooms" as well.
  if (std::none_of(begin, end, [&](std::string_view field) { return field.empty() || is_number(field); }))
    return FirstLine::names;
  std::ptrdiff_t words = 0;
  bool from_zero = true, from_one = true;
  for (auto field = begin; field != end; ++field) {
    if (is_word(*field)) {
      ++words;
      continue;
    }
    const std::ptrdiff_t place = field - begin;
    from_zero = from_zero && *field == std::to_string(place);
    from_one = from_one && *field == std::to_string(place + 1);
  }
  if (words > 0) return from_zero || from_one ? FirstLine::names : FirstLine::sample;
  if (row_numbers) return from_zero || from_one ? FirstLine::names : FirstLine::sample;
  return from_zero && end == fields.end() ? FirstLine::either : FirstLine::sample;
}

bool names_row_numbers(std::string_view name) { return name.empty() || name == "Unnamed: 0"; }

bool says_label(std::string_view name) {
  const std::string lower = in_lower_case(name);
  return lower == "label" || lower == "labels";
}

}  // namespace optex
