// fuzz_replay TARGET FILE-OR-FOLDER...: puts stored inputs through a fuzz target, without libFuzzer.
// fuzz_replay TARGET --mutants COUNT SEED FILE-OR-FOLDER...: also COUNT changed copies of them. The one under
// way is kept in mutant-TARGET, which is gone again when none broke the target.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fuzz_target.hpp"
#include "mutants.hpp"
#include "support/temporary_folder.hpp"
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

namespace optex::fuzz {
namespace {

// No input takes a second; a machine may be busy.
constexpr unsigned int longest_seconds = 60;

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

void end_as_too_slow(int) {
  constexpr std::string_view words = "an input takes longer than a minute\n";
  static_cast<void>(!::write(STDERR_FILENO, words.data(), words.size()));
  std::abort();
}

void put_through(TargetFunction target, std::string_view bytes) {
  ::alarm(longest_seconds);
  target(bytes);
  ::alarm(0);
}

void put_mutants_through(TargetFunction target, const Mutants& mutants, std::uint64_t count,
                         const std::filesystem::path& kept) {
  fmt::print(stderr, "{} mutants; one that breaks the target stays in {}\n", count,
             std::filesystem::absolute(kept).string());
  for (std::uint64_t number = 0; number < count; ++number) {
    const std::string bytes = mutants(number);
    test::write_bytes(kept, bytes);
    put_through(target, bytes);
  }
  std::filesystem::remove(kept);
}

int usage() {
  fmt::print(stderr, "usage: fuzz_replay TARGET [--mutants COUNT SEED] FILE-OR-FOLDER...; the targets are");
  for (const auto& [name, function] : targets()) fmt::print(stderr, " {}", name);
  fmt::print(stderr, "\n");
  return 2;
}

int replay(std::vector<std::string> words) {
  const auto target = words.empty() ? targets().end() : targets().find(words.front());
  if (target == targets().end()) return usage();
  words.erase(words.begin());
  std::uint64_t mutant_count = 0;
  std::uint64_t seed = 0;
  if (!words.empty() && words.front() == "--mutants") {
    if (words.size() < 4) return usage();
    mutant_count = std::stoull(words[1]);
    seed = std::stoull(words[2]);
    words.erase(words.begin(), words.begin() + 3);
  }
  ::signal(SIGALRM, end_as_too_slow);
  std::vector<std::string> inputs;
  for (const std::string& word : words)
    for (const auto& file : inputs_in(word)) {
      fmt::print(stderr, "{}\n", file.string());  // the last one before a crash is the one that did it
      inputs.push_back(test::read_bytes(file));
      put_through(target->second, inputs.back());
    }
  if (inputs.empty()) {
    fmt::print(stderr, "fuzz_replay: no inputs\n");
    return 1;
  }
  if (mutant_count > 0)
    put_mutants_through(target->second, Mutants(std::move(inputs), seed), mutant_count,
                        "mutant-" + target->first);
  return 0;
}

}  // namespace

Registration::Registration(const char* name, TargetFunction function) { targets()[name] = function; }

}  // namespace optex::fuzz

int main(int count, char** words) { return optex::fuzz::replay({words + 1, words + count}); }
