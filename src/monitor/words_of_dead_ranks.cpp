#include "optex/monitor/words_of_dead_ranks.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/monitor/run_folder.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace optex {
namespace {

constexpr std::string_view has_died = " has died";

}  // namespace

WordsOfDeadRanks::WordsOfDeadRanks(files::Folder run_folder)
    : folder_(std::move(run_folder)), before_(words()) {}

/// Each with the name and the time of its file, by which it is told from an earlier one.
std::vector<std::string> WordsOfDeadRanks::words() const {
  std::vector<std::string> found;
  try {
    const std::optional<files::Folder> errors = folder_.find_below("errors");
    if (!errors) return found;
    for (const std::string& name : errors->file_names()) {
      if (!name.starts_with("rank-")) continue;
      const files::Descriptor file = errors->open_file(name, O_RDONLY);
      const std::string text = files::read_text(file);
      struct stat status {};
      if (!text.ends_with(has_died) || ::fstat(file, &status) != 0) continue;
      found.push_back(fmt::format("{} {} {}.{}\n{}", name, status.st_ino, status.st_mtim.tv_sec,
                                  status.st_mtim.tv_nsec, text.substr(0, text.size() - has_died.size())));
    }
  } catch (const Error&) {
    // Nobody is waited for: without a word the signal counts.
  }
  return found;
}

std::vector<std::string> WordsOfDeadRanks::heard() const {
  std::vector<std::string> dead;
  for (const std::string& word : words())
    if (std::find(before_.begin(), before_.end(), word) == before_.end())
      dead.push_back(word.substr(word.find('\n') + 1));
  return dead;
}

void WordsOfDeadRanks::tell(const files::Folder& run_folder, int rank, std::string_view dead) {
  write_rank_error(run_folder, rank, fmt::format("{}{}", dead, has_died));
}

}  // namespace optex
