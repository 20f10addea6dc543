#include "optex/monitor/console.hpp"

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "sample_round.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <fcntl.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/ioctl.h>

namespace optex {
namespace {

using test::sample_round;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A terminal whose screen is a string. Read from another end: what is written must be taken in time.
class PseudoTerminal {
 public:
  explicit PseudoTerminal(unsigned short columns) : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    slave_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    const struct winsize size { 24, columns, 0, 0 };
    ::ioctl(slave_, TIOCSWINSZ, &size);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    ::close(slave_);
    ::close(master_);
  }

  int descriptor() const { return slave_; }

  std::string read() const {
    std::string text;
    struct pollfd ready {
      master_, POLLIN, 0
    };
    while (::poll(&ready, 1, 0) > 0) {
      char piece[4096];
      const ssize_t count = ::read(master_, piece, sizeof piece);
      if (count <= 0) break;
      text.append(piece, static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int master_, slave_;
};

/// What stays of a line after its colours.
std::string without_colours(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033' && i + 1 < text.size() && text[i + 1] == '[') {
      while (i < text.size() && text[i] != 'm' && text[i] != 'K') ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    log_ = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    results_ = ::open((folder_ / "results").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  ~ConsoleTest() override {
    ::close(log_);
    ::close(results_);
  }

  ConsoleOptions options() const {
    ConsoleOptions options;
    options.rules.iterations = 10;
    options.folder = "runs/a";
    options.log_descriptor = log_;
    options.result_descriptor = results_;
    return options;
  }
  static void run(const ConsoleOptions& options, const Outcome& outcome = test::finished()) {
    Console console(options);
    console.on_start(sample_round(0).run);
    test::play(console, 1, 10);
    console.on_end(sample_round(10).run, outcome);
  }
  std::vector<std::string> log_lines() const {
    std::istringstream in(test::read_bytes(folder_ / "log"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  std::string results() const { return test::read_bytes(folder_ / "results"); }

  const test::TemporaryFolder folder_;
  int log_ = -1, results_ = -1;
};

TEST_F(ConsoleTest, PlainLinesInAFile) {
  ConsoleOptions options = this->options();
  options.every = 4;
  run(options);
  const auto lines = log_lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0],
              AllOf(HasSubstr("round  4/10"), HasSubstr("value 0.230769"),
                    HasSubstr("accepted 9    reach 12"), HasSubstr("waiting  25%"), HasSubstr("ETA 0.6s")));
  EXPECT_THAT(lines[1], HasSubstr("round  8/10"));
  EXPECT_THAT(lines[0] + lines[1] + results(), AllOf(Not(HasSubstr("\033")), Not(HasSubstr("\r"))));
  EXPECT_EQ(lines[0].find("best"), lines[1].find("best"));  // aligned
}

TEST_F(ConsoleTest, TheSummaryGoesToTheResults) {
  run(options());
  EXPECT_THAT(results(), AllOf(HasSubstr("finished: stop.iterations"), HasSubstr("rounds     10\n"),
                               HasSubstr("accuracy   0.84\n"), HasSubstr("gradients  40\n"),
                               HasSubstr("value      0.1\n"), HasSubstr("runs/a/")));
}

TEST_F(ConsoleTest, AFailureNamesItsCauseLast) {
  run(options(), test::failed());
  EXPECT_EQ(log_lines().back(), "optex: error: rank 3: point 2 failed");
  EXPECT_THAT(results(), HasSubstr("failed: exit code 3"));
}

TEST_F(ConsoleTest, AStopSaysHowToGoOn) {
  run(options(), test::stopped());
  EXPECT_THAT(results(), AllOf(HasSubstr("stopped: signal"), HasSubstr("optex resume runs/a")));
}

TEST_F(ConsoleTest, AsJson) {
  ConsoleOptions options = this->options();
  options.format = LogFormat::json;
  options.every = 5;
  run(options, test::failed());
  const auto lines = log_lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(nlohmann::json::parse(lines[0])["iteration"], 5);
  EXPECT_EQ(nlohmann::json::parse(lines[2])["level"], "error");
  const auto summary = nlohmann::json::parse(results());
  EXPECT_EQ(summary["state"], "failed");
  EXPECT_EQ(summary["exit_code"], 3);
}

TEST_F(ConsoleTest, LevelsAreKept) {
  ConsoleOptions options = this->options();
  options.level = LogLevel::warning;
  Console console(options);
  console.on_start(sample_round(3).run);
  test::play(console, 4, 8);
  console.message(LogLevel::info, "unheard");
  console.message(LogLevel::warning, "heard");
  EXPECT_THAT(log_lines(), testing::ElementsAre("optex: warning: heard"));
}

TEST_F(ConsoleTest, OneLineOnATerminal) {
  const PseudoTerminal terminal(100);
  ConsoleOptions options = this->options();
  options.log_descriptor = options.result_descriptor = terminal.descriptor();
  Console console(options);
  console.on_start(sample_round(0).run);
  test::play(console, 1, 1);
  const std::string first = terminal.read();
  EXPECT_THAT(first, AllOf(testing::StartsWith("\r\033[2K"), HasSubstr("round  1/10"), HasSubstr("ETA"),
                           HasSubstr("waiting"), Not(HasSubstr("\n"))));
  console.message(LogLevel::warning, "look out");
  EXPECT_THAT(terminal.read(),
              AllOf(testing::StartsWith("\r\033[2Koptex: "), HasSubstr("look out"), HasSubstr("\n")));
  console.on_end(sample_round(10).run, test::finished());
  EXPECT_THAT(terminal.read(), AllOf(HasSubstr("\033[1;32mOptEx finished"), HasSubstr("accuracy")));
}

TEST_F(ConsoleTest, TheLineFitsAnyTerminal) {
  for (const unsigned short columns :
       std::initializer_list<unsigned short>{1, 5, 20, 40, 60, 80, 100, 120, 200}) {
    const PseudoTerminal terminal(columns);
    ConsoleOptions options = this->options();
    options.log_descriptor = terminal.descriptor();
    Console console(options);
    console.on_start(sample_round(0).run);
    test::play(console, 1, 1);
    const std::string line = without_colours(terminal.read());
    EXPECT_LT(line.size() - 1, columns) << line;  // behind the carriage return
    if (columns >= 20) {
      EXPECT_THAT(line, HasSubstr("round  1/10"));
    }
    if (columns >= 60) {
      EXPECT_THAT(line, AllOf(HasSubstr("value"), HasSubstr("ETA")));
    }
  }
}

TEST_F(ConsoleTest, IsNotRedrawnForEveryRound) {
  const PseudoTerminal terminal(100);
  ConsoleOptions options = this->options();
  options.log_descriptor = terminal.descriptor();
  Console console(options);
  console.on_start(sample_round(0).run);
  const Stopwatch watch;
  std::string screen;
  for (std::int64_t i = 1; i <= 2000; ++i) {
    test::play(console, i, i);
    screen += terminal.read();
  }
  const auto redraws = static_cast<double>(std::count(screen.begin(), screen.end(), '\r'));
  EXPECT_GE(redraws, 1.0);
  EXPECT_LE(redraws, 1.0 + 10.0 * watch.seconds());
}

TEST_F(ConsoleTest, NoColourAndDumbTerminalsAreRespected) {
  const PseudoTerminal terminal(100);
  ConsoleOptions options = this->options();
  options.log_descriptor = options.result_descriptor = terminal.descriptor();
  ::setenv("NO_COLOR", "1", 1);
  run(options);
  EXPECT_THAT(terminal.read(), AllOf(HasSubstr("\r\033[2K"), Not(HasSubstr("mOptEx"))));
  ::setenv("TERM", "dumb", 1);
  options.every = 5;
  run(options);
  EXPECT_THAT(terminal.read(), AllOf(HasSubstr("round  5/10"), Not(HasSubstr("\033"))));
}

TEST_F(ConsoleTest, AReaderThatHasGoneDoesNotEndTheRun) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  ConsoleOptions options = this->options();
  options.log_descriptor = options.result_descriptor = ends[1];
  EXPECT_NO_THROW(run(options));
  std::signal(SIGPIPE, before);
  ::close(ends[1]);
}

TEST_F(ConsoleTest, WithoutALimitThereIsNoEta) {
  ConsoleOptions options = this->options();
  options.rules = {};
  run(options);
  EXPECT_THAT(log_lines().front(), AllOf(HasSubstr("round      1"), Not(HasSubstr("ETA"))));
}

TEST_F(ConsoleTest, TheEtaFollowsWhicheverRuleComesFirst) {
  ConsoleOptions options = this->options();
  options.rules.iterations = 1000;
  options.rules.evaluations = 44;  // 4 a round: one more after the tenth
  run(options);
  EXPECT_THAT(log_lines().back(), HasSubstr("ETA 0.1s"));
}

}  // namespace
}  // namespace optex
