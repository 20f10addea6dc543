#include "optex/monitor/run_folder.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/text/host_name.hpp"

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

void remove_regular(const files::Folder& folder, const std::string& name) {
  if (folder.has_file(name)) folder.remove_file(name);
}

/// Removes files PREFIX...SUFFIX from a real folder below `outer`, and that when nothing else is in it.
void remove_matching(const files::Folder& outer, const std::string& name, std::string_view prefix,
                     std::string_view suffix) {
  std::optional<files::Folder> folder;
  try {
    folder = outer.find_below(name);
  } catch (const files::SystemError&) {
    throw;
  } catch (const IoError&) {
    return;  // a link or a file: not ours
  }
  if (!folder) return;
  for (const std::string& file : folder->file_names()) {
    const std::string target = files::ReplacementFile::target_of(file);
    const std::string& meant = target.empty() ? file : target;
    if (meant.starts_with(prefix) && meant.ends_with(suffix)) folder->remove_file(file);
  }
  outer.remove_folder(name);
}

/// A folder in which an earlier run was at home; an empty one is nobody's.
bool is_run_folder(const files::Folder& folder) {
  if (folder.has_file(lock_name)) return true;
  if (folder.has_file("resolved.toml") && folder.has_file("status.json")) return true;
  return folder.is_empty();
}

}  // namespace

RunFolder::RunFolder(fs::path path, IfExists if_exists) : path_(std::move(path)) {
  if (!path_.has_filename()) path_ = path_.parent_path();  // "runs/name/"
  const fs::path parent = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) throw IoError(fmt::format("{}: cannot create the folder: {}", parent.string(), error.message()));
  if (::mkdir(path_.c_str(), 0777) == 0) {
    files::Folder::open(parent).sync();
    folder_ = files::Folder::open(path_);
    lock();
  } else if (errno == EEXIST) {
    existed_ = true;
    take_existing(if_exists);
  } else {
    files::fail_with_errno(path_, "create the folder");
  }
}

void RunFolder::take_existing(IfExists if_exists) {
  const std::string name = path_.string();
  if (if_exists == IfExists::refuse)
    throw OutputExistsError(fmt::format(
        "{}: is already there; go on with --resume, start over with --force, or give another run.name",
        name));
  std::error_code no_matter;
  if (!fs::is_directory(path_, no_matter))
    throw OutputExistsError(
        fmt::format("{}: is there already and is not a folder; give another run.name", name));
  folder_ = files::Folder::open(path_);
  if (!is_run_folder(*folder_))
    throw OutputExistsError(
        fmt::format("{}: was not made by a run, so nothing in it is touched; give another run.name", name));
  if (if_exists == IfExists::force && fs::is_symlink(path_, no_matter))
    throw OutputExistsError(
        fmt::format("{}: is a link, and --force follows none; name the folder itself", name));
  lock();
  if (if_exists == IfExists::force) clear();
}

void RunFolder::lock() {
  // The owner's alone: whoever can open it can lock it, and so keep a run from going on.
  lock_ = folder_->open_file(lock_name, O_RDWR | O_CREAT, 0600);
  ::fchmod(*lock_, 0600);  // one of an earlier version; somebody else's stays as it is
  if (::flock(*lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      std::string words(300, '\0');
      words.resize(lock_->read_at(0, words.data(), words.size()));
      words = words.substr(0, words.find('\n'));
      throw IoError(fmt::format("{}: another run is at work in it ({}); wait for it or give another run.name",
                                path_.string(), words.empty() ? "its name is unknown" : words));
    }
    warnings_.push_back(
        fmt::format("{}: this file system knows no locks ({}); see to it that one run at a time uses it",
                    path_.string(), std::generic_category().message(errno)));
  }
  const std::string words = fmt::format("process {} on {}, since {}\n", ::getpid(), host_name(), utc_time());
  lock_->resize(0);
  lock_->write_all(words.data(), words.size());
  folder_->own_by(lock_name, *lock_);
}

void RunFolder::clear() const {
  // results and status first: what is left after a crash in here does not look like a finished run.
  for (const char* name : {"results.h5", "status.json"}) remove_regular(*folder_, name);
  for (const char* name : own_files) {
    remove_regular(*folder_, name);
    remove_regular(*folder_, files::ReplacementFile::temporary_of(name));
  }
  remove_matching(*folder_, "checkpoints", "iteration-", ".h5");
  remove_matching(*folder_, "errors", "rank-", ".txt");
}

void RunFolder::write_config(std::string_view given, std::string_view resolved) const {
  files::replace_text(config_file(), given);
  files::replace_text(resolved_file(), resolved);
}

std::optional<files::Folder> folder_seen_by_rank(const fs::path& path) {
  try {
    std::optional<files::Folder> folder = files::Folder::open_if_there(path);
    if (folder) folder->own_by_holder_of(lock_name);
    return folder;
  } catch (const IoError&) {
    return std::nullopt;
  }
}

void write_rank_error(const files::Folder& run_folder, int rank, std::string_view text) {
  const files::Folder folder = run_folder.make_below("errors");
  files::replace_text({folder, fmt::format("rank-{:04d}.txt", rank)}, text, files::Durability::process);
}

}  // namespace optex
