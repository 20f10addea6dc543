#include "optex/monitor/provenance.hpp"

#include "optex/build_info.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>

#include "json.hpp"
#include <fmt/format.h>
#include <sys/utsname.h>

namespace optex {

namespace {

/// What follows the separator in the first line of `file` that starts with `key`.
std::string value_in(const char* file, const std::string& key, char separator) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    const auto end = line.find(separator);
    if (!line.starts_with(key) || end == std::string::npos) continue;
    const auto first = line.find_first_not_of(" \t\"", end + 1);
    const auto last = line.find_last_not_of(" \t\"");
    return first == std::string::npos || last < first ? "" : line.substr(first, last - first + 1);
  }
  return "unknown";
}

std::string operating_system() {
  struct utsname names {};
  const bool known = ::uname(&names) == 0;
  return fmt::format("{}, {} {}", value_in("/etc/os-release", "PRETTY_NAME", '='),
                     known ? names.sysname : "unknown", known ? names.release : "");
}

Json batch_job() {
  Json job = Json::object();
  for (const auto& [name, variable] : {std::pair{"id", "SLURM_JOB_ID"},
                                       {"name", "SLURM_JOB_NAME"},
                                       {"nodes", "SLURM_JOB_NODELIST"},
                                       {"partition", "SLURM_JOB_PARTITION"},
                                       {"restarts", "SLURM_RESTART_COUNT"},
                                       {"array_job", "SLURM_ARRAY_JOB_ID"},
                                       {"array_task", "SLURM_ARRAY_TASK_ID"}})
    if (const char* value = std::getenv(variable)) job[name] = value;
  return job.empty() ? Json() : job;
}

/// Hosts in order of their first rank, each with its ranks.
Json hosts_of(const std::vector<std::string>& host_of_rank) {
  Json hosts = Json::object();
  for (std::size_t rank = 0; rank < host_of_rank.size(); ++rank) hosts[host_of_rank[rank]].push_back(rank);
  return hosts;
}

}  // namespace

void write_provenance(const files::Place& file, const Provenance& provenance) {
  Json build = Json::object();
  for (const build::Entry& entry : build::entries()) build[entry.name] = entry.value;
  Json data = Json::object();
  for (const auto& [source, hash] : provenance.data_hashes) data[source] = hash;
  Json contents = Json::object();
  for (const auto& [key, hash] : provenance.contents) contents[key] = hash;

  Json page = {{"version", build::version},
               {"git_commit", build::git_commit},
               {"started", utc_time()},
               {"command_line", provenance.command_line},
               {"ranks", provenance.host_of_rank.size()},
               {"hosts", hosts_of(provenance.host_of_rank)},
               {"cpu", value_in("/proc/cpuinfo", "model name", ':')},
               {"arithmetic", provenance.arithmetic},
               {"hardware_threads", std::thread::hardware_concurrency()},
               {"operating_system", operating_system()},
               {"slurm", batch_job()},
               {"data", data},
               {"contents", contents},
               {"accepted", provenance.accepted},
               {"mpi_library", provenance.mpi_library},
               {"hdf5_library", hdf5::library_version()},
               {"build", build},
               {"earlier", Json::array()}};

  Json before = Json::parse(files::read_text_if_there(file).value_or(""), nullptr, false);
  if (before.is_object()) {
    if (before.contains("earlier") && before["earlier"].is_array()) page["earlier"] = before["earlier"];
    before.erase("earlier");
    page["earlier"].push_back(before);
  }
  files::replace_text(file, to_page(page));
}

std::vector<std::pair<std::string, std::string>> contents_in_provenance(const files::Place& file) {
  std::vector<std::pair<std::string, std::string>> contents;
  const Json page = Json::parse(files::read_text_if_there(file).value_or(""), nullptr, false);
  if (!page.is_object() || !page.contains("contents") || !page["contents"].is_object()) return contents;
  for (const auto& [key, hash] : page["contents"].items())
    if (hash.is_string()) contents.emplace_back(key, hash.get<std::string>());
  return contents;
}

}  // namespace optex
