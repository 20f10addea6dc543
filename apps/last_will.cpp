#include "last_will.hpp"

#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/monitor/run_folder.hpp"
#include "optex/monitor/words_of_dead_ranks.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "stopping_early.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace optex::app {
namespace {

constexpr const char* request = "--last-will";  // FOLDER RANK LABEL

/// Nothing by which it could be taken for a rank.
std::vector<std::string> environment() {
  const char* const variable = "LD_LIBRARY_PATH";
  const char* const libraries = std::getenv(variable);
  if (libraries == nullptr) return {};
  return {fmt::format("{}={}", variable, libraries)};
}

}  // namespace

LastWill::LastWill(const std::filesystem::path& run_folder, int rank, const std::string& label) {
  // The program that runs, whatever lies at its place by now.
  witness_.emplace(std::vector<std::string>{"/proc/self/exe", request, absolute_path(run_folder).string(),
                                            std::to_string(rank), label},
                   environment());
  onlooker_.emplace(std::chrono::milliseconds(100), [this] {
    if (!told_to_end()) return true;
    witness_.reset();
    return false;
  });
}

std::optional<int> LastWill::execute(int argc, const char* const* argv) {
  if (argc != 5 || std::string_view(argv[1]) != request) return std::nullopt;
  // Nobody may wait for this process because it holds his pipe.
  const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  for (const int number : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, number);
  int rank = 0;
  const std::string_view number = argv[3];
  std::from_chars(number.data(), number.data() + number.size(), rank);
  try {
    // Now, while it is this run's.
    const std::optional<files::Folder> folder = folder_seen_by_rank(argv[2]);
    char word = 0;
    while (::read(Survivor::life, &word, 1) < 0 && errno == EINTR) {
    }
    if (folder) WordsOfDeadRanks::tell(*folder, rank, argv[4]);
  } catch (const Error&) {
    // Then the signal counts.
  }
  return 0;
}

}  // namespace optex::app
