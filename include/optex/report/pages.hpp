#pragma once

#include "optex/report/chart.hpp"
#include "optex/report/report.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace optex {

/// One self-contained HTML file: words, tables and pictures that need nothing, and interactive charts in
/// their place where this program was built with them. `renew_seconds` > 0: the page loads itself again so
/// often.
std::string report_html(const Report& report, double renew_seconds = 0.0);

/// True when report_html() carries interactive charts.
bool has_interactive_charts();

/// The pictures for papers: file name without folder, and chart.
std::vector<std::pair<std::string, Chart>> report_charts(const Report& report);

/// Every round of every run as one table: run, group, seed, iteration, evaluations, seconds, value,
/// best_value, gradient_norm. Read anew from the folders, whole. Throws IoError when the file cannot be
/// written.
void write_report_csv(const Report& report, const std::filesystem::path& file);

}  // namespace optex
