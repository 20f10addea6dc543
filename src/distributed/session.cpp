#include "optex/distributed/session.hpp"

#include "optex/core/printable.hpp"
#include "optex/distributed/agreement.hpp"
#include "optex/distributed/launch_environment.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <sstream>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <mpi.h>
#include <unistd.h>

namespace optex {
namespace {

enum class Aborts { as_ever, as_time_out };

/// Ends the process when a call into MPI that cannot be given a time-out does not return; if told so, also
/// when MPI aborts there.
class Watchdog {
 public:
  /// message: a literal, it is written by a signal handler.
  Watchdog(double seconds, ExitCode code, const char* message, Aborts aborts = Aborts::as_ever)
      : aborts_(aborts) {
    code_ = static_cast<int>(code);
    message_ = message;
    struct sigaction action {};
    action.sa_handler = bite;
    sigaction(SIGALRM, &action, &alarm_before_);
    if (aborts_ == Aborts::as_time_out) sigaction(SIGABRT, &action, &abort_before_);
    alarm(static_cast<unsigned>(std::clamp(std::ceil(seconds), 1.0, 1e9)));
  }
  ~Watchdog() {
    alarm(0);
    sigaction(SIGALRM, &alarm_before_, nullptr);
    if (aborts_ == Aborts::as_time_out) sigaction(SIGABRT, &abort_before_, nullptr);
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  static void bite(int) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, message_, std::strlen(message_));
    _exit(code_);
  }

  static inline volatile std::sig_atomic_t code_ = 0;
  static inline const char* volatile message_ = "";
  Aborts aborts_;
  struct sigaction alarm_before_ {};
  struct sigaction abort_before_ {};
};

/// Holds back what launchers forward to ranks that may not be ready for it: it ends a process that does not
/// know it.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t forwarded;
    sigemptyset(&forwarded);
    sigaddset(&forwarded, SIGUSR1);
    sigaddset(&forwarded, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &forwarded, &before_);
  }
  ~SignalsHeldBack() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

 private:
  sigset_t before_{};
};

/// Settings of Open MPI for the start of a program that has no launcher, where its user has made none. They
/// do not outlive the start: what this program starts may be a launcher itself.
class SettingsAlone {
 public:
  explicit SettingsAlone(const EnvironmentLookup& environment) {
    if (has_launcher(environment)) return;
    // Such programs would share one folder of a host, which the one that ends takes away from the one that
    // starts: with a dozen at a time one start in fifty failed.
    set(environment, "OMPI_MCA_orte_create_session_dirs", "0");
    // It sends to nobody; looking for networks takes four times as long as all the rest of the start.
    set(environment, "OMPI_MCA_pml", "ob1");
  }
  ~SettingsAlone() {
    for (const char* const name : made_) unsetenv(name);
  }
  SettingsAlone(const SettingsAlone&) = delete;
  SettingsAlone& operator=(const SettingsAlone&) = delete;

 private:
  void set(const EnvironmentLookup& environment, const char* name, const char* value) {
    if (environment(name) != nullptr) return;
    setenv(name, value, 1);
    made_.push_back(name);
  }

  std::vector<const char*> made_;
};

/// Every line of a message with the same beginning, in one piece: other ranks write to the same place.
void print_lines(const std::string& beginning, const std::string& message) {
  std::string text;
  std::stringstream lines(message);
  for (std::string line; std::getline(lines, line);) text += beginning + printable(line) + "\n";
  if (text.empty()) text = beginning + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);  // whoever read it may be gone
}

}  // namespace

Session::Session(int& argc, char**& argv, const SessionOptions& options)
    : options_(options), exceptions_at_start_(std::uncaught_exceptions()) {
  const auto environment = [](const char* name) { return std::getenv(name); };
  if (const auto trap = unconnectable_copies(library(), environment)) throw LaunchError(*trap);
  int provided = MPI_THREAD_SINGLE;
  std::optional<SignalsHeldBack> held_back;
  if (options_.note_signals) held_back.emplace();
  // Open MPI would start a daemon beside a program that has no launcher; it is only needed to spawn more
  // ranks.
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  {
    const SettingsAlone settings(environment);
    const Watchdog watchdog(options_.start_seconds, ExitCode::launch,
                            "optex: MPI did not start in time; do all hosts reach each other?\n");
    if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
      throw LaunchError("MPI_Init failed");
  }
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
  if (const auto trap = unconnected_copies(size_, library(), environment)) {
    MPI_Finalize();
    throw LaunchError(*trap);
  }
  // MPICH asks these, not the communicator in use, what to do when MPI_Test finds an error.
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
  if (options_.note_signals) signals_.emplace();  // after MPI_Init, which may install handlers of its own
}

Session::~Session() {
  if (std::uncaught_exceptions() > exceptions_at_start_ && !alone()) abort(ExitCode::internal);
  // Alone, nobody is waited for; but when somebody has closed MPI's descriptors, a plug-in for one, Open MPI
  // waits for ever and MPICH aborts.
  constexpr double alone_seconds = 10.0;
  const Watchdog watchdog =
      alone()
          ? Watchdog(std::min(options_.finish_seconds, alone_seconds), code_,
                     "optex: MPI did not finish, maybe somebody closed its descriptors; all else is done\n",
                     Aborts::as_time_out)
          : Watchdog(options_.finish_seconds, code_,
                     "optex: MPI did not finish in time: a rank is gone or still busy\n");
  MPI_Finalize();
}

std::string Session::library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string all(text, static_cast<std::size_t>(length));
  const std::string line = all.substr(0, all.find_first_of("\n,"));
  std::string clean;
  for (const char c : line) clean += c == '\t' ? ' ' : c;
  return clean;
}

int Session::run(const std::function<int()>& program) {
  try {
    const int code = leave(program());
    code_ = static_cast<ExitCode>(code);
    return code;
  } catch (const AgreedError& error) {
    return fail(error.code(), error.what(), true);
  } catch (const Error& error) {
    return fail(error.code(), error.what(), false);
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::internal, "out of memory", false);
  } catch (const std::exception& error) {
    return fail(ExitCode::internal, error.what(), false);
  } catch (...) {
    return fail(ExitCode::internal, "something was thrown that is no std::exception", false);
  }
}

int Session::leave(int code) const {
  if (!others_lost_ || alone()) return code;
  // Told to abort with 0, mpirun of Open MPI 4.1 crashes or hangs; a rank that is just gone ends the others
  // in a second.
  if (code == 0) {
    std::fflush(nullptr);
    std::_Exit(0);
  }
  abort(static_cast<ExitCode>(code));
}

int Session::fail(ExitCode code, const std::string& message, bool agreed) {
  if (!agreed && rank_ != 0) {
    char host[MPI_MAX_PROCESSOR_NAME];
    int length = 0;
    MPI_Get_processor_name(host, &length);
    print_lines(fmt::format("optex: error: rank {} ({}): ", rank_,
                            std::string(host, static_cast<std::size_t>(length))),
                message);
  } else if (rank_ == 0) {
    print_lines("optex: error: ", message);
  }
  if (!agreed && !alone()) {
    // The launcher passes on what ranks print, but not once it is told to end them.
    std::fflush(nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    abort(code);
  }
  return static_cast<int>(code);
}

void Session::abort(ExitCode code) {
  std::fflush(nullptr);
  const Watchdog watchdog(10.0, code, "optex: MPI did not abort in time\n");
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
  std::_Exit(static_cast<int>(code));
}

}  // namespace optex
