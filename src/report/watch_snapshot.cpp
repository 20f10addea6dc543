#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"
#include "optex/files/reading.hpp"
#include "optex/report/watch_view.hpp"
#include "optex/setup/config.hpp"

#include <chrono>
#include <string_view>

#include "json_file.hpp"
#include "metrics_line.hpp"

namespace optex {
namespace {

constexpr std::uintmax_t most_tail_bytes = 1 << 20;
constexpr std::size_t most_tail_rows = 400;

double age_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(file, error);
  if (error) return std::numeric_limits<double>::infinity();
  return std::chrono::duration<double>(std::filesystem::file_time_type::clock::now() - changed).count();
}

/// The last whole lines; nothing of what is no regular file.
std::string tail_of(const std::filesystem::path& file) {
  try {
    const files::Descriptor in = files::open_for_reading(file);
    const std::uintmax_t size = in.size();
    const std::uintmax_t begin = size > most_tail_bytes ? size - most_tail_bytes : 0;
    std::string text(static_cast<std::size_t>(size - begin), '\0');
    text.resize(in.read_at(begin, text.data(), text.size()));
    if (begin > 0) text.erase(0, std::min(text.find('\n'), text.size() - 1) + 1);  // the rest of a line
    return text;
  } catch (const IoError&) {
    return {};
  }
}

void read_tail(const std::filesystem::path& file, RunSnapshot& snapshot) {
  std::vector<MetricsLine> lines;
  MetricsLine line;
  const std::string text = tail_of(file);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // still being written
    if (read_metrics_line(std::string(rest.substr(0, end)), line)) lines.push_back(line);
    rest.remove_prefix(end + 1);
  }
  const std::size_t first = lines.size() > most_tail_rows ? lines.size() - most_tail_rows : 0;
  for (std::size_t i = first; i < lines.size(); ++i) {
    snapshot.rows.push_back(lines[i].row);
    if (i == first) continue;  // how long it took, only its predecessor knows
    snapshot.recent.merge(bucket_of(lines[i], lines[i].row.seconds - lines[i - 1].row.seconds));
  }
}

}  // namespace

RunSnapshot take_snapshot(const std::filesystem::path& folder) {
  RunSnapshot snapshot;
  snapshot.name =
      printable((folder.has_filename() ? folder : folder.parent_path()).filename().string(), most_of_a_name);
  snapshot.status = read_run_status(folder);
  snapshot.silent_seconds = std::min(age_of(folder / "status.json"), age_of(folder / "metrics.jsonl"));
  read_tail(folder / "metrics.jsonl", snapshot);
  try {
    const Config config = read_config(folder / "resolved.toml");
    snapshot.stop_iterations = config.integer_if_set("stop.iterations");
    snapshot.stop_evaluations = config.integer_if_set("stop.evaluations");
    snapshot.stop_seconds = config.real_if_set("stop.seconds");
    snapshot.stop_value = config.real_if_set("stop.value");
    snapshot.computed_outside = config.is("problem.name", "external");
    snapshot.parallelism = config.integer_if_set("method.parallelism").value_or(1);
  } catch (const Error&) {
    // A view without the stop rules is better than none.
  }
  return snapshot;
}

}  // namespace optex
