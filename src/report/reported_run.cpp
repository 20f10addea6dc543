#include "optex/report/reported_run.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"
#include "optex/setup/config.hpp"
#include "optex/setup/footprint.hpp"

#include <algorithm>

#include "comparison_runs.hpp"
#include "json_file.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t noisy_window = 20;  // rounds over which the value of a noisy run is averaged
constexpr std::size_t most_events = 500;

bool holds(const fs::path& folder, const char* name) {
  std::error_code ignored;
  return fs::is_regular_file(folder / name, ignored);
}

bool is_run(const fs::path& folder) {
  return holds(folder, "metrics.jsonl") || holds(folder, "status.json") || holds(folder, "resolved.toml");
}
bool is_comparison(const fs::path& folder) { return holds(folder, "compare-runs.jsonl"); }
bool is_sweep(const fs::path& folder) { return holds(folder, "sweep.json"); }

void read_configuration(ReportedRun& run) {
  const fs::path file = run.folder / "resolved.toml";
  if (!holds(run.folder, "resolved.toml")) {
    run.remarks.emplace_back("resolved.toml is missing: what was configured is not known");
    return;
  }
  try {
    const Config config = read_config(file);
    for (const Setting& setting : config.settings())
      run.config.emplace_back(setting.key->full_name(), to_toml(setting.value));
    run.noisy = is_noisy(config);
    run.moves = f_moves(config);
    run.parallelism = config.integer_if_set("method.parallelism").value_or(1);
  } catch (const Error& error) {
    std::string line = error.what();
    run.remarks.push_back(fmt::format("resolved.toml cannot be read: {}", line.substr(0, line.find('\n'))));
  }
}

void read_events(ReportedRun& run) {
  read_lines(run.folder / "events.jsonl", [&run](const std::string& text) {
    const ReportJson line = ReportJson::parse(text, nullptr, false);
    if (!line.is_object()) return;
    ReportedEvent event{text_in(line, "time"), text_in(line, "kind"), text_in(line, "text")};
    // There may be thousands, and the folder shows the last ones; or it is for replays.
    if (event.kind == "checkpoint" || event.kind == "quorum") return;
    if (run.events.size() == most_events) run.events.erase(run.events.begin());
    run.events.push_back(std::move(event));
  });
}

void add_fact(ReportedRun& run, const std::string& name, const std::string& text) {
  if (!text.empty()) run.provenance.emplace_back(name, text);
}

/// {"host": [rank, ...], ...}: every rank stands there once, so none is larger than there are entries.
void read_hosts(const ReportJson& hosts, std::vector<std::string>& host_of_rank) {
  std::size_t ranks_named = 0;
  for (const auto& [host, ranks] : hosts.items()) ranks_named += ranks.size();
  for (const auto& [host, ranks] : hosts.items())
    for (const ReportJson& rank : ranks) {
      if (!rank.is_number_unsigned() || rank.get<std::size_t>() >= ranks_named) continue;
      host_of_rank.resize(ranks_named);
      host_of_rank[rank.get<std::size_t>()] = printable(host);
    }
}

void read_provenance(ReportedRun& run) {
  const auto page = read_json_object(run.folder / "provenance.json");
  if (!page) {
    run.remarks.emplace_back("provenance.json is missing or damaged");
    return;
  }
  run.ranks = integer_in(*page, "ranks");
  if (const auto hosts = page->find("hosts"); hosts != page->end() && hosts->is_object())
    read_hosts(*hosts, run.host_of_rank);
  if (const auto words = page->find("command_line"); words != page->end() && words->is_array()) {
    std::vector<std::string> texts;
    for (const ReportJson& word : *words)
      if (word.is_string()) texts.push_back(word.get<std::string>());
    add_fact(run, "command", printable(fmt::format("optex {}", fmt::join(texts, " "))));
  }
  add_fact(run, "started", text_in(*page, "started"));
  const auto earlier = page->find("earlier");
  if (earlier != page->end() && earlier->is_array() && !earlier->empty())
    add_fact(run, "earlier starts", std::to_string(earlier->size()));
  const std::size_t hosts = page->contains("hosts") ? (*page)["hosts"].size() : 0;
  add_fact(run, "ranks", fmt::format("{} on {} host{}", run.ranks, hosts, hosts == 1 ? "" : "s"));
  add_fact(run, "processor", text_in(*page, "cpu"));
  add_fact(run, "system", text_in(*page, "operating_system"));
  add_fact(run, "version",
           fmt::format("{}, commit {}", text_in(*page, "version"), text_in(*page, "git_commit")));
  add_fact(run, "MPI", text_in(*page, "mpi_library"));
  if (const auto job = page->find("slurm"); job != page->end() && job->is_object())
    add_fact(run, "Slurm job", fmt::format("{} ({})", text_in(*job, "id"), text_in(*job, "nodes")));
  if (const auto data = page->find("data"); data != page->end() && data->is_object())
    for (const auto& [source, hash] : data->items())
      if (hash.is_string())
        add_fact(run, "data", fmt::format("{}, hash {}", source, hash.get<std::string>()));
}

ReportedRun read_run(const fs::path& folder, HistoryLimits limits) {
  ReportedRun run;
  run.folder = folder;
  run.name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  if (run.name.empty() || run.name == "." || run.name == "..")
    run.name = fs::canonical(folder).filename().string();
  run.name = printable(run.name, most_of_a_name);
  read_configuration(run);
  if (run.noisy) limits.window = noisy_window;
  run.status = read_run_status(folder);
  if (run.status.state == "waiting")
    run.remarks.emplace_back("status.json is missing: how the run ended is not known");
  if (run.status.state == "unknown")
    run.remarks.emplace_back("status.json is damaged: how the run ended is not known");
  try {
    run.history = read_run_history(folder / "metrics.jsonl", limits);
  } catch (const IoError& error) {
    run.remarks.emplace_back(error.what());
  }
  if (run.history.rounds == 0) run.remarks.emplace_back("metrics.jsonl holds no rounds");
  if (run.history.damaged_lines > 0)
    run.remarks.push_back(fmt::format("metrics.jsonl: {} damaged line{} left out", run.history.damaged_lines,
                                      run.history.damaged_lines == 1 ? "" : "s"));
  read_provenance(run);
  read_events(run);
  run.fields = read_run_fields(folder / "results.h5", run.history.last.round, run.remarks);
  return run;
}

void append_runs(const fs::path& folder, const HistoryLimits& limits, std::vector<ReportedRun>& runs) {
  if (is_comparison(folder)) {
    std::vector<ReportedRun> contenders = read_comparison_runs(folder);
    ReportedRun facts;
    facts.folder = folder;
    read_configuration(facts);
    read_provenance(facts);
    for (ReportedRun& contender : contenders) {
      // Every contender has its own method, seed and rate; the file names only one.
      for (const auto& [key, value] : facts.config)
        if (!key.starts_with("method.") && !key.starts_with("estimator.") &&
            contender.configured(key).empty())
          contender.config.emplace_back(key, value);
      contender.noisy = facts.noisy;
      contender.ranks = facts.ranks;
      contender.provenance = facts.provenance;
      runs.push_back(std::move(contender));
    }
  } else if (is_run(folder)) {
    runs.push_back(read_run(folder, limits));
  }
}

/// Folders of a sweep in its order, or all folders that hold something, by name.
std::vector<fs::path> folders_within(const fs::path& folder) {
  std::vector<fs::path> found;
  if (is_sweep(folder)) {
    const auto page = read_json_object(folder / "sweep.json");
    if (page && page->contains("runs") && (*page)["runs"].is_array())
      for (const ReportJson& run : (*page)["runs"])
        if (run.is_object() && is_run(folder / text_in(run, "folder")))
          found.push_back(folder / text_in(run, "folder"));
    if (!found.empty()) return found;
  }
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory(ignored) && (is_run(entry.path()) || is_comparison(entry.path())))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::string ReportedRun::configured(const std::string& key) const {
  for (const auto& [configured_key, value] : config)
    if (configured_key == key) return value;
  return {};
}

std::vector<ReportedRun> read_runs(const fs::path& folder, const HistoryLimits& limits) {
  std::error_code error;
  if (!fs::exists(folder, error)) throw UsageError(fmt::format("{}: no such folder", folder.string()));
  if (!fs::is_directory(folder, error))
    throw UsageError(fmt::format("{}: is not a folder; give the folder of a run", folder.string()));
  if (fs::directory_iterator(folder, error); error)
    throw UsageError(fmt::format("{}: cannot be read: {}", folder.string(), error.message()));
  std::vector<ReportedRun> runs;
  append_runs(folder, limits, runs);
  if (runs.empty())
    for (const fs::path& inner : folders_within(folder)) append_runs(inner, limits, runs);
  if (runs.empty())
    throw UsageError(
        fmt::format("{}: there is no run in it (a run has metrics.jsonl, status.json and resolved.toml)",
                    folder.string()));
  return runs;
}

}  // namespace optex
