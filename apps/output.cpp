#include "output.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"
#include "optex/setup/value.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <limits>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace optex::app {
namespace {

int first_number(std::initializer_list<const char*> variables, int otherwise) {
  for (const char* variable : variables) {
    const char* text = std::getenv(variable);
    if (text == nullptr) continue;
    const auto number = parse_integer(text);
    if (number && *number >= 0 && *number < 1'000'000'000) return static_cast<int>(*number);
  }
  return otherwise;
}

/// To stderr; whoever read it may be gone, which is no reason to end.
void say(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

// The launcher's own variables before Slurm's: mpirun inside a Slurm job leaves SLURM_PROCID at 0 everywhere.
int launcher_rank() {
  static const int rank = first_number(
      {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID"}, -1);
  return rank;
}

int launcher_size() {
  static const int size = std::max(
      1, first_number({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_NTASKS"}, 1));
  return size;
}

void print(std::string_view text) {
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  // EIO: a terminal that hung up.
  if (!written && errno != EPIPE && !(errno == EIO && isatty(STDOUT_FILENO) == 1))
    throw IoError(fmt::format("cannot write to stdout: {}", std::strerror(errno)));
}

void print_error(std::string_view lines) {
  const std::string text = printable_lines(lines);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    say(fmt::format("optex: error: {}\n", rest.substr(0, end)));
    rest.remove_prefix(end + 1);
  }
}

void print_foreign(std::string_view lines) {
  print(printable_lines(lines, std::numeric_limits<std::size_t>::max()));
}

void print_note(std::string_view line) { say(fmt::format("optex: {}\n", printable(line))); }

TextStyle terminal_style() {
  TextStyle style;
  // mpirun gives its ranks a terminal of their own, whatever stands behind it.
  if (launcher_rank() >= 0) return style;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  style.colour = isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0') &&
                 (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, 40, 110);
  }
  return style;
}

}  // namespace optex::app
