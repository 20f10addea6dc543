#include "optex/core/errors.hpp"
#include "optex/report/watch_view.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "commands.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

constexpr double usual_watch_seconds = 1.0;
constexpr double usual_log_seconds = 10.0;  // into a file nobody needs a line a second

bool looks_like_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "status.json", ignored) || fs::exists(folder / "metrics.jsonl", ignored);
}

/// The folder itself, or the runs in it: a sweep's folder is watched as a list.
std::vector<fs::path> runs_in(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw UsageError(fmt::format("{}: no such folder", folder.string()));
  if (looks_like_run(folder)) return {folder};
  std::vector<fs::path> runs;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (entry.is_directory(error) && looks_like_run(entry.path())) runs.push_back(entry.path());
  if (runs.empty())
    throw UsageError(
        fmt::format("{}: there is no run in it (a run has status.json and metrics.jsonl)", folder.string()));
  std::sort(runs.begin(), runs.end());
  return runs;
}

struct Screen {
  TextStyle style;
  bool live = false;  ///< a terminal whose lines can be drawn over
  std::size_t height = 24;
};

Screen screen_here() {
  Screen screen;
  screen.style = terminal_style();
  const char* const terminal = std::getenv("TERM");
  screen.live = isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
    screen.height = size.ws_row;
    screen.style.width = std::max<std::size_t>(40, size.ws_col);
  }
  return screen;
}

/// Watches until nothing runs any more.
class Watch {
 public:
  Watch(fs::path folder, double seconds, bool once)
      : folder_(std::move(folder)), seconds_(seconds), once_(once) {}

  void run() {
    for (;;) {
      const Screen screen = screen_here();
      std::vector<RunSnapshot> now;
      for (const fs::path& run : runs_in(folder_)) now.push_back(take_snapshot(run));
      draw(now, screen);
      const bool goes_on = std::any_of(now.begin(), now.end(), [](const RunSnapshot& run) {
        return run.status.state == "running" || run.status.state == "waiting";
      });
      if (once_ || !goes_on) return;
      before_ = std::move(now);
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds_));
    }
  }

 private:
  void draw(const std::vector<RunSnapshot>& now, const Screen& screen) {
    std::vector<std::string> lines;
    if (now.size() == 1 && (screen.live || once_)) {
      const RunSnapshot* const before = before_.size() == 1 ? &before_.front() : nullptr;
      lines = watch_lines(now.front(), before, screen.style);
    } else {
      std::map<std::string, std::size_t> states;
      for (const RunSnapshot& run : now) ++states[run.status.state];
      if (now.size() > 1) {
        std::string head = fmt::format("{} runs:", now.size());
        for (const auto& [state, count] : states) head += fmt::format(" {} {}", count, state);
        lines.push_back(head);
      }
      // What runs stands last, where the eye is; a terminal shows no more than it has lines.
      std::vector<const RunSnapshot*> order;
      for (const RunSnapshot& run : now) order.push_back(&run);
      std::stable_sort(order.begin(), order.end(), [](const RunSnapshot* a, const RunSnapshot* b) {
        return (a->status.state == "running") < (b->status.state == "running");
      });
      const std::size_t most = screen.live && !once_ ? screen.height - 3 : order.size();
      for (std::size_t i = order.size() > most ? order.size() - most : 0; i < order.size(); ++i)
        lines.push_back(watch_line(*order[i], screen.style));
    }
    std::string text;
    if (screen.live && drawn_ > 0) text = fmt::format("\x1b[{}A\x1b[J", drawn_);
    for (const std::string& line : lines) text += (screen.live ? fitted(line, screen.style) : line) + "\n";
    print(text);
    drawn_ = screen.live && !once_ ? lines.size() : 0;
  }

  fs::path folder_;
  double seconds_;
  bool once_;
  std::vector<RunSnapshot> before_;
  std::size_t drawn_ = 0;  // lines on the screen that the next view replaces
};

ExitCode start_watch(const CommandLine& line) {
  const double usual = screen_here().live ? usual_watch_seconds : usual_log_seconds;
  const auto seconds = real_option(line, "every", {.min = 0.1, .max = 86400.0});
  Watch(line.arguments.front(), seconds.value_or(usual), line.has("once")).run();
  return ExitCode::success;
}

}  // namespace

Subcommand watch_command() {
  return {
      {.name = "watch",
       .help = "a live view of a running job",
       .description =
           "Reads what the run writes into its folder, so it works beside the job, over ssh and on another "
           "machine that sees the folder. On a terminal the view is drawn over and over until the run ends; "
           "elsewhere a line now and then. A folder that holds several runs is shown as a list.",
       .arguments = {{.name = "DIR", .help = "the folder of a run or a sweep"}},
       .options = {{.name = "every",
                    .value = "S",
                    .help = "seconds between two looks; without it 1, into a file 10"},
                   {.name = "once", .help = "look once"}},
       .examples = {{"optex watch runs/experiment", "until it ends; Ctrl-C leaves the run alone"},
                    {"ssh cluster optex watch --once runs/experiment", "how it stands now"}}},
      start_watch};
}

}  // namespace optex::app
