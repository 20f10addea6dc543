// What `optex report` and `optex watch` find in a folder. The input is the files: a line "== NAME" begins
// each.
#include "optex/report/pages.hpp"
#include "optex/report/report.hpp"
#include "optex/report/sweep_table.hpp"
#include "optex/report/watch_view.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"

using namespace optex;

namespace {

constexpr std::array<std::string_view, 8> names = {"metrics.jsonl", "status.json",       "resolved.toml",
                                                   "events.jsonl",  "provenance.json",   "sweep.json",
                                                   "compare.json",  "compare-runs.jsonl"};

void write_files(const std::filesystem::path& folder, std::string_view bytes) {
  std::string_view name = names.front();
  std::string content;
  const auto flush = [&] {
    if (!content.empty()) test::write_bytes(folder / name, content);
    content.clear();
  };
  fuzz::Bites input(bytes);
  while (!input.empty()) {
    const std::string_view line = input.until('\n');
    if (!line.starts_with("== ")) {
      content.append(line);
      content.push_back('\n');
      continue;
    }
    flush();
    for (const std::string_view known : names)
      if (line.substr(3) == known) name = known;
  }
  flush();
}

bool is_plain(std::string_view line) {
  for (const char c : line)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f') return false;
  return true;
}

}  // namespace

OPTEX_FUZZ_TARGET(run_folder) {
  const std::filesystem::path folder = fuzz::input_folder() / "run";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  write_files(folder, bytes);
  fuzz::reads_or_refuses([&] {
    const Report report = make_report(read_runs(folder));
    const std::string page = report_html(report);
    fuzz::require(page.find("<script>alert") == std::string::npos, "text of a run is no part of the page");
    for (const auto& [name, chart] : report_charts(report))
      fuzz::require(!name.empty() && name.find('/') == std::string::npos, "a picture has a name");
  });
  fuzz::reads_or_refuses([&] {
    const RunSnapshot snapshot = take_snapshot(folder);
    for (const std::string& line : watch_lines(snapshot, &snapshot, {}))
      fuzz::require(is_plain(line), "a line of watch does not command the terminal");
    fuzz::require(is_plain(watch_line(snapshot, {})), "a line of watch does not command the terminal");
  });
}
