#include "optex/checkpoint/checkpoint_folder.hpp"

#include "optex/hdf5/replacement_file.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view stem = "iteration-", extension = ".h5";

/// The iteration of "iteration-000120.h5"; nothing for any other name.
std::optional<std::int64_t> iteration_of(std::string_view name) {
  if (!name.starts_with(stem) || !name.ends_with(extension)) return std::nullopt;
  name.remove_prefix(stem.size());
  name.remove_suffix(extension.size());
  std::int64_t iteration = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), iteration);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  // Written back it must give the same name: no signs, no other padding.
  if (!whole || iteration < 0 || fmt::format("{:06d}", iteration) != name) return std::nullopt;
  return iteration;
}

bool is_temporary(std::string_view name) {
  constexpr std::string_view suffix = ".partial";
  return name.starts_with(".") && name.ends_with(suffix) &&
         iteration_of(name.substr(1, name.size() - 1 - suffix.size())).has_value();
}

/// Names in the folder, links and folders left out.
std::vector<std::string> file_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  if (error) throw IoError(fmt::format("{}: cannot read the folder: {}", folder.string(), error.message()));
  for (const fs::directory_entry& entry : entries)
    if (entry.symlink_status(error).type() == fs::file_type::regular)
      names.push_back(entry.path().filename().string());
  return names;
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) throw IoError(fmt::format("{}: cannot remove: {}", file.string(), error.message()));
}

}  // namespace

fs::path CheckpointFolder::file(std::int64_t iteration) const {
  return path_ / fmt::format("{}{:06d}{}", stem, iteration, extension);
}

std::vector<std::int64_t> CheckpointFolder::iterations() const {
  std::vector<std::int64_t> found;
  for (const std::string& name : file_names(path_))
    if (const auto iteration = iteration_of(name)) found.push_back(*iteration);
  std::sort(found.begin(), found.end());
  return found;
}

void CheckpointFolder::prepare() const {
  std::error_code error;
  fs::create_directory(path_, error);
  const fs::file_type type = fs::symlink_status(path_).type();
  if (type == fs::file_type::not_found)
    throw IoError(fmt::format("{}: cannot create the folder: {}", path_.string(), error.message()));
  if (type != fs::file_type::directory)
    throw IoError(
        fmt::format("{}: checkpoints need a real folder here, not a link or a file", path_.string()));
  for (const std::string& name : file_names(path_))
    if (is_temporary(name)) remove_file(path_ / name);
}

template <class Read>
std::optional<FoundCheckpoint> CheckpointFolder::newest(Read read) const {
  const std::vector<std::int64_t> found = iterations();
  std::vector<std::string> warnings;
  for (auto iteration = found.rbegin(); iteration != found.rend(); ++iteration) {
    const fs::path candidate = file(*iteration);
    try {
      return FoundCheckpoint{read(candidate), candidate, std::move(warnings)};
    } catch (const DamagedCheckpointError& error) {
      warnings.push_back(fmt::format("checkpoint unusable: {}", error.what()));
    }
  }
  if (warnings.empty()) return std::nullopt;
  throw CheckpointError(fmt::format("{}: no usable checkpoint; {}; start anew with --force", path_.string(),
                                    fmt::join(warnings, "; ")));
}

std::optional<FoundCheckpoint> CheckpointFolder::load_newest(const Expectation& expected) const {
  return newest([&](const fs::path& file) { return load_checkpoint(file, expected); });
}

std::optional<FoundCheckpoint> CheckpointFolder::find_newest(const Expectation& expected) const {
  return newest([&](const fs::path& file) {
    Checkpoint checkpoint;
    checkpoint.state = examine_checkpoint(file, expected);
    return checkpoint;
  });
}

void CheckpointFolder::prune(std::int64_t newest, int keep) const {
  std::vector<std::int64_t> found = iterations();
  int kept = 0;
  for (auto iteration = found.rbegin(); iteration != found.rend(); ++iteration)
    if (*iteration > newest || ++kept > keep) remove_file(file(*iteration));
}

}  // namespace optex
