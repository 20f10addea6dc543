#include "terminal.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace optex {

namespace {

/// 0 when it is no terminal or has no size, as the pseudo-terminals that launchers make.
std::size_t columns_of(int descriptor) {
  struct winsize size {};
  return ::isatty(descriptor) == 1 && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// The terminal of that path if a person sees it.
std::unique_ptr<files::Descriptor> open_terminal(const std::string& path) {
  try {
    auto opened = std::make_unique<files::Descriptor>(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    if (columns_of(*opened) > 0) return opened;
  } catch (const IoError&) {
    // Another user's terminal: as good as none.
  }
  return nullptr;
}

/// Where a person sees stderr when a script stands between: run_cluster.sh logs it on the way and says so.
std::unique_ptr<files::Descriptor> announced_terminal(int descriptor) {
  const char* path = std::getenv("OPTEX_TERMINAL");
  return descriptor == STDERR_FILENO && path != nullptr ? open_terminal(path) : nullptr;
}

}  // namespace

Terminal::Terminal(int descriptor) {
  const char* kind = std::getenv("TERM");
  if (kind != nullptr && std::strcmp(kind, "dumb") == 0) return;
  if (columns_of(descriptor) > 0) {
    seen_ = descriptor;
  } else if ((announced_ = announced_terminal(descriptor))) {
    seen_ = *announced_;
  }
}

bool Terminal::wants_colour() const {
  const char* no_colour = std::getenv("NO_COLOR");
  return exists() && (no_colour == nullptr || *no_colour == '\0');
}

std::size_t Terminal::width() const {
  const std::size_t columns = exists() ? columns_of(seen_) : 0;
  return columns > 0 ? columns : 80;
}

void put(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      // A non-blocking pipe that is full: its reader gets a second.
      struct pollfd wanted {
        descriptor, POLLOUT, 0
      };
      if (::poll(&wanted, 1, 1000) > 0) continue;
    }
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  if (seconds < 59.95) return fmt::format("{:.1f}s", std::max(0.0, seconds));
  const double most = 9999.0 * 86400.0;
  const auto whole = static_cast<long>(std::min(std::round(seconds), most));
  if (whole < 3600) return fmt::format("{}m{:02d}s", whole / 60, whole % 60);
  const long minutes = (whole + 30) / 60;
  if (minutes < 24 * 60) return fmt::format("{}h{:02d}m", minutes / 60, minutes % 60);
  const long hours = (minutes + 30) / 60;
  return fmt::format("{}d{:02d}h", hours / 24, hours % 24);
}

}  // namespace optex
