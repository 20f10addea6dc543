#include "optex/external/inside_plugin.hpp"

#include "optex/core/errors.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace optex {
namespace {

struct Call {
  const std::string* library = nullptr;
  const char* function = nullptr;
  pid_t process = 0;  ///< that called; a copy of it that the plug-in forks is the plug-in's
};

thread_local Call current;                // of this thread: the one that calls exit()
std::atomic<std::int64_t> entered_at{0};  // nanoseconds of the steady clock; 0: in none

std::function<void(const std::string&)>& last_words() {
  static std::function<void(const std::string&)> words;
  return words;
}

std::int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

/// Registered with atexit: an exit code of the plug-in's choice would pass for that of a run.
void tell_of_exit() { end_if_within_plugin("exit()"); }

}  // namespace

InsidePlugin::InsidePlugin(const std::string& library, const char* function) {
  static std::once_flag once;
  std::call_once(once, [] {
    last_words();  // made before the handler is registered, so it lives when that runs
    std::atexit(tell_of_exit);
  });
  std::fegetenv(&arithmetic_);
  current = {&library, function, ::getpid()};
  entered_at = now();
}

InsidePlugin::~InsidePlugin() {
  entered_at = 0;
  current = {};
  std::fesetenv(&arithmetic_);
}

LastWordsOfPlugins::LastWordsOfPlugins(std::function<void(const std::string&)> say) {
  last_words() = std::move(say);
}
LastWordsOfPlugins::~LastWordsOfPlugins() { last_words() = {}; }

void end_if_within_plugin(const char* function) {
  if (current.library == nullptr || ::getpid() != current.process) return;
  const std::string words = fmt::format(
      "{}: called {} within {}, which ends the whole process; it should return OPTEX_FAILED with a text",
      *current.library, function, current.function);
  current = {};  // the words may call exit themselves
  if (last_words())
    last_words()(words);
  else
    fmt::print(stderr, "optex: error: {}\n", words);
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(ExitCode::evaluation_failed));
}

double seconds_inside_plugin() {
  const std::int64_t since = entered_at;
  if (since == 0) return 0.0;
  return std::chrono::duration<double>(std::chrono::steady_clock::duration(now() - since)).count();
}

}  // namespace optex
