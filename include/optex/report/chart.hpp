#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace optex {

/// A line of a chart: points (x, y); those that are not finite, or not positive on a logarithmic axis, are
/// gaps.
struct ChartLine {
  std::string label;
  std::size_t colour = 0;  ///< number in the palette; lines of one colour have one entry in the legend
  bool dashed = false;
  bool faint = false;
  std::vector<std::pair<double, double>> points;
};

struct Chart {
  std::string title, x_label, y_label;
  bool log_x = false, log_y = false;
  std::vector<ChartLine> lines;
  double width = 720.0, height = 400.0;  ///< in px
};

/// Colours that can be told apart by most people, on white and on black.
const std::vector<std::string>& chart_palette();

/// A picture that stands for itself: for papers (every drawing program reads it) and for pages, whose text
/// colour its axes take over. A chart without points says so.
std::string svg_chart(const Chart& chart);

/// Places of ticks, ascending: at most `most` round numbers in [low, high], or powers of ten.
std::vector<double> ticks_between(double low, double high, bool logarithmic, std::size_t most = 7);

}  // namespace optex
