#include "optex/report/chart.hpp"

#include "optex/setup/value.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "escape.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

constexpr double margin_left = 72.0, margin_right = 16.0, margin_top = 34.0, margin_bottom = 48.0;
constexpr double legend_row = 18.0;
constexpr double letter_width = 7.2;  // of the legend's font, about
constexpr std::size_t longest_legend = 60;
constexpr double infinite = std::numeric_limits<double>::infinity();

/// One axis: from numbers to places.
struct Axis2d {
  double low = 0.0, high = 1.0;  // of the numbers' logarithms on a logarithmic axis
  bool logarithmic = false;
  double from = 0.0, to = 1.0;  // px

  bool takes(double x) const { return std::isfinite(x) && (!logarithmic || x > 0.0); }
  double place(double x) const {
    const double t = ((logarithmic ? std::log10(x) : x) - low) / (high - low);
    return from + t * (to - from);
  }
};

Axis2d axis_over(double low, double high, bool logarithmic, double from, double to) {
  Axis2d axis{low, high, logarithmic, from, to};
  if (logarithmic) {
    axis.low = std::log10(low);
    axis.high = std::log10(high);
  }
  if (!(axis.high > axis.low)) {
    const double room = logarithmic ? 0.5 : std::max(0.5, 0.1 * std::abs(axis.low));
    axis.low -= room;
    axis.high += room;
  }
  return axis;
}

std::string tick_text(double x, bool logarithmic) {
  if (!logarithmic) return fmt::format("{:.6g}", x);
  const double exponent = std::round(std::log10(x));
  if (std::abs(exponent) <= 3.0 && x >= 1.0) return fmt::format("{:.6g}", x);
  if (std::abs(x / std::pow(10.0, exponent) - 1.0) > 1e-6) return compact(x);
  return fmt::format("10<tspan dy=\"-5\" font-size=\"9\">{}</tspan>", exponent);
}

std::string path_of(const ChartLine& line, const Axis2d& x, const Axis2d& y) {
  std::string path;
  bool pen_down = false;
  for (const auto& [px, py] : line.points) {
    const bool drawn = x.takes(px) && y.takes(py);
    if (drawn) path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", x.place(px), y.place(py));
    pen_down = drawn;
  }
  return path;
}

/// What the lines span on axes that can show it: x low, x high, y low, y high; x low > x high: nothing.
struct Extent {
  double x_low = infinite, x_high = -infinite, y_low = infinite, y_high = -infinite;
};

Extent extent_of(const Chart& chart) {
  Extent extent;
  for (const ChartLine& line : chart.lines)
    for (const auto& [x, y] : line.points) {
      if (!std::isfinite(x) || !std::isfinite(y) || (chart.log_x && x <= 0.0) || (chart.log_y && y <= 0.0))
        continue;
      extent.x_low = std::min(extent.x_low, x);
      extent.x_high = std::max(extent.x_high, x);
      extent.y_low = std::min(extent.y_low, y);
      extent.y_high = std::max(extent.y_high, y);
    }
  return extent;
}

/// Rows of entries, one a label.
using Legend = std::vector<std::vector<const ChartLine*>>;

Legend legend_of(const Chart& chart) {
  Legend legend;
  std::set<std::string> named;
  double row_width = infinite;
  for (const ChartLine& line : chart.lines) {
    if (!named.insert(line.label).second) continue;
    const double width =
        34.0 + letter_width * static_cast<double>(std::min(line.label.size(), longest_legend));
    if (row_width + width > chart.width - margin_left - margin_right) {
      legend.emplace_back();
      row_width = 0.0;
    }
    legend.back().push_back(&line);
    row_width += width;
  }
  return legend;
}

/// The grid, the numbers at its lines, and what the axes are.
std::string drawn_axes(const Chart& chart, const Axis2d& x, const Axis2d& y) {
  const double left = margin_left, right = chart.width - margin_right;
  const double top = margin_top, bottom = chart.height - margin_bottom;
  const auto back = [](const Axis2d& axis, double t) { return axis.logarithmic ? std::pow(10.0, t) : t; };
  const auto x_ticks = ticks_between(back(x, x.low), back(x, x.high), chart.log_x);
  const auto y_ticks = ticks_between(back(y, y.low), back(y, y.high), chart.log_y, 6);
  std::string svg = "<g stroke=\"currentColor\" stroke-opacity=\"0.15\">\n";
  for (const double t : x_ticks)
    svg += fmt::format("<path d=\"M{0:.1f} {1}V{2}\"/>", x.place(t), top, bottom);
  for (const double t : y_ticks)
    svg += fmt::format("<path d=\"M{0} {1:.1f}H{2}\"/>", left, y.place(t), right);
  svg += "\n</g>\n<g opacity=\"0.8\">\n";
  for (const double t : x_ticks)
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>", x.place(t),
                       bottom + 18.0, tick_text(t, chart.log_x));
  for (const double t : y_ticks)
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", left - 8.0,
                       y.place(t) + 4.0, tick_text(t, chart.log_y));
  return svg + fmt::format(
                   "\n<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n"
                   "<text transform=\"translate(16 {:.1f}) rotate(-90)\" "
                   "text-anchor=\"middle\">{}</text>\n</g>\n",
                   0.5 * (left + right), bottom + 38.0, escaped(chart.x_label), 0.5 * (top + bottom),
                   escaped(chart.y_label));
}

std::string colour_of(const ChartLine& line) { return chart_palette()[line.colour % chart_palette().size()]; }
std::string_view dashes_of(const ChartLine& line) { return line.dashed ? " stroke-dasharray=\"6 4\"" : ""; }

std::string drawn_lines(const Chart& chart, const Axis2d& x, const Axis2d& y) {
  std::string svg =
      "<g fill=\"none\" stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-linecap=\"round\">\n";
  for (const ChartLine& line : chart.lines)
    svg += fmt::format("<path stroke=\"{}\"{}{} d=\"{}\"/>\n", colour_of(line), dashes_of(line),
                       line.faint ? " stroke-opacity=\"0.35\"" : "", path_of(line, x, y));
  return svg + "</g>\n";
}

std::string drawn_legend(const Legend& legend, double y) {
  std::string svg;
  for (const auto& row : legend) {
    double x = margin_left;
    for (const ChartLine* const line : row) {
      std::string label = line->label;
      if (label.size() > longest_legend) label = label.substr(0, longest_legend - 3) + "...";
      svg += fmt::format(
          "<path d=\"M{0:.1f} {1:.1f}h20\" stroke=\"{2}\" stroke-width=\"3\"{3}/><text x=\"{4:.1f}\" "
          "y=\"{5:.1f}\">{6}</text>\n",
          x, y - 4.0, colour_of(*line), dashes_of(*line), x + 26.0, y, escaped(label));
      x += 34.0 + letter_width * static_cast<double>(label.size());
    }
    y += legend_row;
  }
  return svg;
}

}  // namespace

const std::vector<std::string>& chart_palette() {
  static const std::vector<std::string> palette = {"#2f7ed8", "#e8710a", "#1e9e6a", "#c2417c", "#7c5cd6",
                                                   "#b08c00", "#12a1b8", "#d64545", "#7a8b2f", "#96705a"};
  return palette;
}

std::vector<double> ticks_between(double low, double high, bool logarithmic, std::size_t most) {
  std::vector<double> ticks;
  if (!std::isfinite(low) || !std::isfinite(high) || high < low || (logarithmic && low <= 0.0)) return ticks;
  if (logarithmic) {
    const double first = std::ceil(std::log10(low) - 1e-9), last = std::floor(std::log10(high) + 1e-9);
    const double step = std::max(1.0, std::ceil((last - first + 1.0) / static_cast<double>(most)));
    for (double e = first; e <= last; e += step) ticks.push_back(std::pow(10.0, e));
    if (ticks.size() >= 2) return ticks;
    ticks.clear();  // less than two decades: round numbers tell more
  }
  const double raw = (high - low) / static_cast<double>(most);
  if (raw <= 0.0) return {low};
  const double unit = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10.0 * unit;
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * unit >= raw) {
      step = factor * unit;
      break;
    }
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1.0)
    if (!logarithmic || k > 0.0) ticks.push_back(k * step + 0.0);  // + 0.0: none is -0
  return ticks;
}

std::string svg_chart(const Chart& chart) {
  const Extent extent = extent_of(chart);
  const Legend legend = legend_of(chart);  // below, in as many rows as its entries need
  const double height = chart.height + legend_row * static_cast<double>(legend.size());
  const std::string frame = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" aria-label=\"{2}\" font-family=\"Helvetica, Arial, sans-serif\" "
      "font-size=\"12\" fill=\"currentColor\">\n<text x=\"{3}\" y=\"20\" font-size=\"14\" "
      "font-weight=\"600\">{2}</text>\n",
      chart.width, height, escaped(chart.title), margin_left);
  if (!(extent.x_low <= extent.x_high))
    return frame + fmt::format("<text x=\"{}\" y=\"{}\" opacity=\"0.7\">nothing to show</text>\n</svg>\n",
                               margin_left, chart.height / 2.0);
  const Axis2d x =
      axis_over(extent.x_low, extent.x_high, chart.log_x, margin_left, chart.width - margin_right);
  const Axis2d y = axis_over(extent.y_low, extent.y_high, chart.log_y, chart.height - margin_bottom - 4.0,
                             margin_top + 4.0);
  return frame + drawn_axes(chart, x, y) + drawn_lines(chart, x, y) +
         drawn_legend(legend, chart.height + 4.0) + "</svg>\n";
}

}  // namespace optex
