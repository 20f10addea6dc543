/// The functions that end a process without a last word (the handlers of atexit), as this program's own: they
/// stand before the C library's, for plug-ins as well. What calls the system by itself, or ends by a signal,
/// is not seen here.

#include "optex/external/inside_plugin.hpp"

#include <cstdlib>

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

[[noreturn]] void end(int code, const char* function) {
  optex::end_if_within_plugin(function);
  for (;;) ::syscall(SYS_exit_group, code);
}

}  // namespace

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): these are their names
void _exit(int code) { end(code, "_exit()"); }
void _Exit(int code) noexcept { end(code, "_Exit()"); }
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

void quick_exit(int code) noexcept {
  optex::end_if_within_plugin("quick_exit()");
  using Function = void (*)(int);
  if (const auto of_the_library = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "quick_exit")))
    of_the_library(code);
  end(code, "quick_exit()");
}
}
