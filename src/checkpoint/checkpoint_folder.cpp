#include "optex/checkpoint/checkpoint_folder.hpp"

#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"

#include <algorithm>
#include <charconv>

#include <fcntl.h>
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

/// Nothing when there is none.
std::optional<files::Folder> find(const files::Place& place) {
  const std::optional<files::Folder> outer = place.folder_if_there();
  return outer ? outer->find_below(place.name()) : std::nullopt;
}

std::string name_of(std::int64_t iteration) { return fmt::format("{}{:06d}{}", stem, iteration, extension); }

}  // namespace

fs::path CheckpointFolder::file(std::int64_t iteration) const { return path() / name_of(iteration); }

std::vector<std::int64_t> CheckpointFolder::iterations() const {
  std::vector<std::int64_t> found;
  if (const auto folder = find(place_))
    for (const std::string& name : folder->file_names())
      if (const auto iteration = iteration_of(name)) found.push_back(*iteration);
  std::sort(found.begin(), found.end());
  return found;
}

Vector CheckpointFolder::theta(std::int64_t iteration) const {
  const files::Folder folder = place_.folder().below(place_.name());
  return hdf5::File::open(folder.open_file(name_of(iteration), O_RDONLY)).read_vector("/state/theta");
}

void CheckpointFolder::prepare() const {
  const files::Folder folder = place_.folder().make_below(place_.name());
  for (const std::string& name : folder.file_names())
    if (iteration_of(files::ReplacementFile::target_of(name))) folder.remove_file(name);
}

void CheckpointFolder::save(const RunState& run, const RunDescription& description,
                            std::set<std::int64_t>& own, std::int64_t keep, CoordinateSlices* slices) const {
  const files::Folder folder = place_.folder().below(place_.name());
  save_checkpoint({folder, name_of(run.iteration)}, run, description, slices);
  own.insert(run.iteration);
  std::int64_t kept = 0;
  std::vector<std::int64_t> superfluous;
  for (auto iteration = own.rbegin(); iteration != own.rend(); ++iteration)
    if (*iteration > run.iteration || ++kept > std::max<std::int64_t>(keep, 1))
      superfluous.push_back(*iteration);
  for (const std::int64_t iteration : superfluous) {
    folder.remove_file(name_of(iteration));
    own.erase(iteration);
  }
}

template <class Read>
std::optional<FoundCheckpoint> CheckpointFolder::newest(Read read) const {
  const std::optional<files::Folder> folder = find(place_);
  std::vector<std::string> warnings;
  if (!folder) return std::nullopt;
  const std::vector<std::int64_t> found = iterations();
  for (auto iteration = found.rbegin(); iteration != found.rend(); ++iteration) {
    const files::Place candidate(*folder, name_of(*iteration));
    try {
      return FoundCheckpoint{read(candidate), candidate.path(), std::move(warnings)};
    } catch (const DamagedCheckpointError& error) {
      warnings.push_back(fmt::format("checkpoint unusable: {}", error.what()));
    } catch (const files::SystemError& error) {
      throw IoError(fmt::format("{}; nothing was changed, start again when it can be read", error.what()));
    }
  }
  if (warnings.empty()) return std::nullopt;
  throw CheckpointError(fmt::format("{}: no usable checkpoint; {}; start anew with --force", path().string(),
                                    fmt::join(warnings, "; ")));
}

std::optional<FoundCheckpoint> CheckpointFolder::load_newest(const Expectation& expected) const {
  return newest([&](const files::Place& file) { return load_checkpoint(file, expected); });
}

std::optional<FoundCheckpoint> CheckpointFolder::find_newest(const Expectation& expected) const {
  return newest([&](const files::Place& file) { return examine_checkpoint(file, expected); });
}

std::optional<RunState> CheckpointFolder::examine(std::int64_t iteration,
                                                  const std::function<Expectation()>& expected) const {
  const std::optional<files::Folder> folder = find(place_);
  if (!folder || !folder->has_file(name_of(iteration))) return std::nullopt;
  try {
    return examine_checkpoint({*folder, name_of(iteration)}, expected()).state;
  } catch (const CheckpointError&) {
    return std::nullopt;
  }
}

}  // namespace optex
