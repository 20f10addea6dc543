// A program that leaves an MPI session in the way its argument says; see session_ends.sh.
#include "optex/core/errors.hpp"
#include "optex/distributed/agreement.hpp"
#include "optex/distributed/session.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include <mpi.h>
#include <unistd.h>

namespace {

using namespace optex;

/// A process that sends USR1 to this one as soon as that is held back, which is before MPI has started.
void send_early_signal() {
  const pid_t parent = getpid();
  if (fork() != 0) return;
  for (int look = 0; look < 20000; ++look) {
    std::ifstream status("/proc/" + std::to_string(parent) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("SigBlk:") &&
          (std::stoull(line.substr(7), nullptr, 16) >> (SIGUSR1 - 1) & 1U) != 0U) {
        kill(parent, SIGUSR1);
        _exit(0);
      }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  _exit(1);
}

int leave(const std::string& way, Session& session) {
  Communicator communicator(MPI_COMM_WORLD, {.stall_seconds = 30.0});
  const bool last = session.rank() == session.size() - 1;
  if (way == "well") return 0;
  if (way == "early") return static_cast<int>(ExitCode::requeue);
  if (way == "agreed")
    run_agreed(communicator, [last] {
      if (last) throw IoError("no data on this host");
    });
  if (way == "alone" && last) throw IoError("a disk is full");
  if (way == "oddly" && last) throw std::string("not even an exception");
  if (way == "alone" || way == "oddly") communicator.broadcast("", "what never comes");
  if (way == "signalled_early") return Session::pending_signal() == SIGUSR1 ? 0 : 1;
  if (way == "signalled") {
    for (const int signal : {SIGUSR2, SIGUSR1, SIGTERM}) std::raise(signal);
    for (const int expected : {SIGTERM, SIGUSR1, SIGUSR2})
      if (Session::pending_signal() != expected) return 1;
    return Session::pending_signal() ? 1 : 0;
  }
  return static_cast<int>(ExitCode::usage);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string way = argc > 1 ? argv[1] : "";
  if (way == "signalled_early") send_early_signal();
  try {
    // "stuck": the last rank never comes to MPI_Finalize.
    Session session(argc, argv, {.finish_seconds = way == "stuck" ? 1.0 : 60.0});
    if (way == "stuck") {
      if (session.rank() == session.size() - 1) std::this_thread::sleep_for(std::chrono::hours(1));
      return 0;
    }
    if (way == "unwound") {
      if (session.rank() == session.size() - 1) throw IoError("nobody runs this");
      Communicator never_complete(MPI_COMM_WORLD, {.stall_seconds = 30.0});
    }
    return session.run([&] { return leave(way, session); });
  } catch (const Error& error) {
    std::fprintf(stderr, "optex: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}
