#include "optex/monitor/run_folder.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/replacement_file.hpp"

#include <cerrno>
#include <system_error>

#include "json.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optex {

namespace {

namespace fs = std::filesystem;

/// Marks a folder as ours and carries the lock.
constexpr const char* lock_name = ".optex-lock";

constexpr const char* own_files[] = {"config.toml",        "resolved.toml",      "provenance.json",
                                     "status.json",        "metrics.jsonl",      "events.jsonl",
                                     "results.h5",         "compare.json",       "compare.csv",
                                     "compare-runs.jsonl", "unfinished-round.h5"};

fs::file_type type_of(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type();
}

void remove_regular(const fs::path& file) {
  if (type_of(file) != fs::file_type::regular) return;
  std::error_code error;
  fs::remove(file, error);
  if (error) throw IoError(fmt::format("{}: cannot remove: {}", file.string(), error.message()));
}

/// Removes files PREFIX...SUFFIX from a real folder, and the folder when nothing else is in it.
void remove_matching(const fs::path& folder, std::string_view prefix, std::string_view suffix) {
  if (type_of(folder) != fs::file_type::directory) return;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with('.') && name.ends_with(".partial")) name = name.substr(1, name.size() - 9);
    if (name.starts_with(prefix) && name.ends_with(suffix)) files.push_back(entry.path());
  }
  for (const fs::path& file : files) remove_regular(file);
  std::error_code not_empty;
  fs::remove(folder, not_empty);
}

/// A folder in which an earlier run was at home; an empty one is nobody's.
bool is_run_folder(const fs::path& path) {
  if (type_of(path / lock_name) == fs::file_type::regular) return true;
  if (type_of(path / "resolved.toml") == fs::file_type::regular &&
      type_of(path / "status.json") == fs::file_type::regular)
    return true;
  std::error_code error;
  return fs::is_empty(path, error) && !error;
}

void make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) hdf5::fail_with_errno(path, "create the folder");
  if (type_of(path) != fs::file_type::directory)
    throw IoError(fmt::format("{}: a real folder is needed here, not a link or a file", path.string()));
}

}  // namespace

RunFolder::RunFolder(fs::path path, IfExists if_exists) : path_(std::move(path)) {
  if (!path_.has_filename()) path_ = path_.parent_path();  // "runs/name/"
  const fs::path parent = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) throw IoError(fmt::format("{}: cannot create the folder: {}", parent.string(), error.message()));
  if (::mkdir(path_.c_str(), 0777) == 0) {
    hdf5::Descriptor(parent, O_RDONLY | O_DIRECTORY).sync();
    lock();
  } else if (errno == EEXIST) {
    existed_ = true;
    take_existing(if_exists);
  } else {
    hdf5::fail_with_errno(path_, "create the folder");
  }
}

void RunFolder::take_existing(IfExists if_exists) {
  const std::string name = path_.string();
  if (if_exists == IfExists::refuse)
    throw OutputExistsError(fmt::format(
        "{}: is already there; go on with --resume, start over with --force, or give another run.name",
        name));
  if (!fs::is_directory(path_))
    throw OutputExistsError(
        fmt::format("{}: is there already and is not a folder; give another run.name", name));
  if (!is_run_folder(path_))
    throw OutputExistsError(
        fmt::format("{}: was not made by a run, so nothing in it is touched; give another run.name", name));
  if (if_exists == IfExists::force && type_of(path_) == fs::file_type::symlink)
    throw OutputExistsError(
        fmt::format("{}: is a link, and --force follows none; name the folder itself", name));
  lock();
  if (if_exists == IfExists::force) clear();
}

void RunFolder::lock() {
  const fs::path file = path_ / lock_name;
  lock_ = std::make_unique<hdf5::Descriptor>(file, O_RDWR | O_CREAT | O_NOFOLLOW);
  if (::flock(*lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      std::array<char, 300> holder{};
      const ssize_t count = ::pread(*lock_, holder.data(), holder.size() - 1, 0);
      std::string words(holder.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
      words = words.substr(0, words.find('\n'));
      throw IoError(fmt::format("{}: another run is at work in it ({}); wait for it or give another run.name",
                                path_.string(), words.empty() ? "its name is unknown" : words));
    }
    warnings_.push_back(
        fmt::format("{}: this file system knows no locks ({}); see to it that one run at a time uses it",
                    path_.string(), std::generic_category().message(errno)));
  }
  const std::string words = fmt::format("process {} on {}, since {}\n", ::getpid(), host_name(), utc_time());
  if (::ftruncate(*lock_, 0) != 0) hdf5::fail_with_errno(file, "write");
  lock_->write_all(words.data(), words.size());
}

void RunFolder::clear() const {
  // results and status first: what is left after a crash in here does not look like a finished run.
  for (const char* name : {"results.h5", "status.json"}) remove_regular(path_ / name);
  for (const char* name : own_files) {
    remove_regular(path_ / name);
    remove_regular(hdf5::ReplacementFile::temporary_of(path_ / name));
  }
  remove_matching(path_ / "checkpoints", "iteration-", ".h5");
  remove_matching(path_ / "errors", "rank-", ".txt");
}

void RunFolder::write_config(std::string_view given, std::string_view resolved) const {
  hdf5::replace_text(config_file(), given);
  hdf5::replace_text(resolved_file(), resolved);
}

void write_rank_error(const fs::path& run_folder, int rank, std::string_view text) {
  const fs::path folder = run_folder / "errors";
  make_folder(folder);
  hdf5::replace_text(folder / fmt::format("rank-{:04d}.txt", rank), text, hdf5::Durability::process);
}

}  // namespace optex
