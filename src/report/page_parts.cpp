#include "page_parts.hpp"

#include "optex/report/chart.hpp"

#include <cmath>
#include <cstddef>

#include "escape.hpp"
#include <fmt/format.h>

namespace optex::page {

std::string number(double x, int digits) {
  return std::isfinite(x) ? fmt::format("{:.{}g}", x, digits) : "-";
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  if (seconds < 120.0) return fmt::format("{:.3g} s", seconds);
  if (seconds < 7200.0)
    return fmt::format("{:.0f} min {:02.0f} s", std::floor(seconds / 60.0), std::fmod(seconds, 60.0));
  return fmt::format("{:.0f} h {:02.0f} min", std::floor(seconds / 3600.0),
                     std::floor(std::fmod(seconds, 3600.0) / 60.0));
}

std::string with_blanks(std::int64_t n) {
  std::string digits = std::to_string(n);
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<std::size_t>(i), "\u202f");
  return digits;
}

std::string dot(std::size_t group) {
  const auto& palette = chart_palette();
  return fmt::format("<span class=\"dot\" style=\"background:{}\"></span>", palette[group % palette.size()]);
}

std::string section(const std::string& id, const std::string& title, const std::string& about,
                    const std::string& body) {
  return fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}{}</section>\n", id, title,
                     about.empty() ? "" : fmt::format("<p class=\"about\">{}</p>\n", about), body);
}

std::string table(const std::string& about, const std::string& rows) {
  return fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table>{}</table></div>\n",
      escaped(about), rows);
}

}  // namespace optex::page
