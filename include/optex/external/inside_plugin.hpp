#pragma once

#include <cfenv>
#include <functional>
#include <string>

namespace optex {

/// Marks a call into a plug-in: code that may end the process under us (a library's fatal error that calls
/// exit, with 0 as well) or never come back, or leave the processor's arithmetic changed (rounding, numbers
/// too small: a library that was compiled with -ffast-math does when it is loaded), which it finds again as
/// it was. Processes that it forks may end as they like.
class InsidePlugin {
 public:
  /// `library` and `function` outlive the call.
  InsidePlugin(const std::string& library, const char* function);
  ~InsidePlugin();
  InsidePlugin(const InsidePlugin&) = delete;
  InsidePlugin& operator=(const InsidePlugin&) = delete;

 private:
  std::fenv_t arithmetic_;
};

/// While it lives: what is done when exit() is called within a plug-in, with words about it, before the
/// process ends with ExitCode::evaluation_failed. Without it they go to stderr.
class LastWordsOfPlugins {
 public:
  explicit LastWordsOfPlugins(std::function<void(const std::string& words)> say);
  ~LastWordsOfPlugins();
  LastWordsOfPlugins(const LastWordsOfPlugins&) = delete;
  LastWordsOfPlugins& operator=(const LastWordsOfPlugins&) = delete;
};

/// Does what LastWordsOfPlugins says, and does not come back, when this thread is within a plug-in; nothing
/// otherwise. exit() comes here by itself; the functions that end a process without any handler are the
/// program's own ones, which do (apps/ends_of_process.cpp). `function`: which one was called.
void end_if_within_plugin(const char* function);

/// How long this process has been in the plug-in's function that it is in, in seconds; 0 when it is in none.
double seconds_inside_plugin();

}  // namespace optex
