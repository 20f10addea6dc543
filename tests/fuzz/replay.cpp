// fuzz_replay TARGET FILE-OR-FOLDER...: puts stored inputs through a fuzz target, without libFuzzer.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fuzz_target.hpp"
#include "support/temporary_folder.hpp"
#include <fmt/format.h>

namespace optex::fuzz {
namespace {

std::map<std::string, TargetFunction>& targets() {
  static std::map<std::string, TargetFunction> all;
  return all;
}

std::vector<std::filesystem::path> inputs_in(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

int replay(const std::vector<std::string>& words) {
  const auto target = words.empty() ? targets().end() : targets().find(words.front());
  if (target == targets().end()) {
    fmt::print(stderr, "usage: fuzz_replay TARGET FILE-OR-FOLDER...; the targets are");
    for (const auto& [name, function] : targets()) fmt::print(stderr, " {}", name);
    fmt::print(stderr, "\n");
    return 2;
  }
  int count = 0;
  for (std::size_t i = 1; i < words.size(); ++i)
    for (const auto& file : inputs_in(words[i])) {
      fmt::print(stderr, "{}\n", file.string());  // the last one before a crash is the one that did it
      target->second(test::read_bytes(file));
      ++count;
    }
  if (count > 0) return 0;
  fmt::print(stderr, "fuzz_replay: no inputs\n");
  return 1;
}

}  // namespace

Registration::Registration(const char* name, TargetFunction function) { targets()[name] = function; }

}  // namespace optex::fuzz

int main(int count, char** words) { return optex::fuzz::replay({words + 1, words + count}); }
