#pragma once

#include <functional>
#include <string>

namespace optex {

/// Marks a call into a plug-in: code that may end the process under us (a library's fatal error that calls
/// exit, with 0 as well) or never come back.
class InsidePlugin {
 public:
  /// `library` and `function` outlive the call.
  InsidePlugin(const std::string& library, const char* function);
  ~InsidePlugin();
  InsidePlugin(const InsidePlugin&) = delete;
  InsidePlugin& operator=(const InsidePlugin&) = delete;
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

/// How long this process has been in the plug-in's function that it is in, in seconds; 0 when it is in none.
double seconds_inside_plugin();

}  // namespace optex
