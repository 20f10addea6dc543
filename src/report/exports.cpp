#include "optex/report/exports.hpp"

#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"
#include "optex/files/gathered_text.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/report/event_file.hpp"
#include "optex/setup/value.hpp"

#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "json_file.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

using Take = std::function<void(const std::string& name, const ReportJson& value)>;

void flatten(const ReportJson& object, const std::string& front, char between, const Take& take) {
  for (const auto& [name, value] : object.items())
    if (value.is_object())
      flatten(value, front + name + between, between, take);
    else
      take(front + name, value);
}

/// Every whole line of metrics.jsonl that is a round's.
void each_round(const fs::path& run, ExportLosses& losses,
                const std::function<void(const ReportJson&)>& take) {
  const fs::path file = run / "metrics.jsonl";
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored))
    throw UsageError(
        fmt::format("{}: there is no metrics.jsonl in it; give the folder of a run", run.string()));
  losses.damaged_lines = 0;
  files::LineReader lines(files::open_for_reading(file));
  for (std::string text; lines.next(text);) {
    const ReportJson line = ReportJson::parse(text, nullptr, false);
    if (lines.was_whole() && line.is_object() && line.contains("iteration") && line["iteration"].is_number())
      take(line);
    else
      ++losses.damaged_lines;
  }
}

/// Names of all columns, in the order in which they come first.
std::vector<std::string> columns_of(const fs::path& run, ExportLosses& losses) {
  std::vector<std::string> names;
  std::set<std::string> known, lists;
  each_round(run, losses, [&](const ReportJson& line) {
    flatten(line, "", '.', [&](const std::string& name, const ReportJson& value) {
      if (known.insert(name).second) names.push_back(name);
      if (value.is_array()) lists.insert(name);
    });
  });
  losses.lists = lists.size();
  return names;
}

std::string cell(const ReportJson& value) {
  if (value.is_string()) return csv_cell(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_integer()) return fmt::format("{}", value.get<std::int64_t>());
  if (value.is_number()) return fmt::format("{}", value.get<double>());
  std::string text;
  if (value.is_array())
    for (const ReportJson& entry : value) {
      const std::string number = cell(entry);
      text += (text.empty() ? "" : " ") + (number.empty() ? "nan" : number);
    }
  return text;
}

/// Seconds since 1970 at which the first round began, as far as the files tell.
double begin_of(const fs::path& file, double seconds) {
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(file);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count() - std::chrono::duration<double>(age).count() - seconds;
}

}  // namespace

ExportLosses export_csv(const fs::path& run, const fs::path& file) {
  ExportLosses losses;
  const std::vector<std::string> names = columns_of(run, losses);
  std::map<std::string, std::size_t> places;
  files::ReplacementFile replacement(file);
  files::GatheredText out(replacement.content());
  std::string line;
  for (const std::string& name : names) {
    line += (line.empty() ? "" : ",") + csv_cell(name);
    places.emplace(name, places.size());
  }
  out.put(line + "\n");
  each_round(run, losses, [&](const ReportJson& round) {
    std::vector<std::string> cells(names.size());
    flatten(round, "", '.', [&](const std::string& name, const ReportJson& value) {
      // A run that goes on may have written more since.
      if (const auto place = places.find(name); place != places.end()) cells[place->second] = cell(value);
    });
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i) row += (i == 0 ? "" : ",") + cells[i];
    out.put(row + "\n");
  });
  out.flush();
  replacement.commit();
  return losses;
}

ExportLosses export_json(const fs::path& run, const fs::path& file) {
  ExportLosses losses;
  std::map<std::string, ReportJson> columns;
  std::vector<std::string> order;
  std::size_t rounds = 0;
  each_round(run, losses, [&](const ReportJson& line) {
    flatten(line, "", '.', [&](const std::string& name, const ReportJson& value) {
      const auto [column, added] = columns.try_emplace(name, ReportJson::array());
      if (added) order.push_back(name);
      while (column->second.size() < rounds) column->second.push_back(nullptr);
      column->second.push_back(value);
    });
    ++rounds;
  });
  ReportJson metrics = ReportJson::object();
  for (const std::string& name : order) {
    while (columns[name].size() < rounds) columns[name].push_back(nullptr);
    metrics[name] = std::move(columns[name]);
  }
  const auto text_of = [&](const char* name) {
    std::error_code ignored;
    return fs::is_regular_file(run / name, ignored) ? files::read_text(files::open_for_reading(run / name))
                                                    : std::string();
  };
  ReportJson page = {{"format", "optex-export"},
                     {"version", 1},
                     {"run", absolute_path(run).lexically_normal().string()},
                     {"status", read_json_object(run / "status.json").value_or(ReportJson::object())},
                     {"config", text_of("resolved.toml")},
                     {"metrics", std::move(metrics)}};
  files::replace_text(file, report_json_text(page, -1) + "\n", files::Durability::process);
  return losses;
}

ExportLosses export_tensorboard(const fs::path& run, const fs::path& folder) {
  ExportLosses losses;
  double seconds = 0.0;
  std::set<std::string> lists;
  each_round(run, losses,
             [&](const ReportJson& line) { seconds = std::max(seconds, number_in(line, "seconds")); });
  const double begin = begin_of(run / "metrics.jsonl", seconds);
  std::error_code error;
  fs::create_directories(folder, error);
  // TensorBoard takes for event files those with this in their names, whatever the number is.
  files::ReplacementFile replacement(folder / "events.out.tfevents.0000000000.optex");
  EventFile events(replacement.content(), begin);
  each_round(run, losses, [&](const ReportJson& line) {
    const auto round = integer_in(line, "iteration");
    const double now = number_in(line, "seconds");
    const double at = begin + (std::isfinite(now) ? now : 0.0);
    flatten(line, "", '/', [&](const std::string& name, const ReportJson& value) {
      if (value.is_array()) lists.insert(name);
      if (value.is_number() && name != "iteration" && name != "version")
        events.scalar(at, round, name, value.get<double>());
    });
  });
  events.flush();
  replacement.commit();
  losses.lists = lists.size();
  return losses;
}

}  // namespace optex
