// A child for the tests of Command: F(theta) = |theta|^2 / 2 over `shards` equal shards. The first argument
// names a fault, which shows when theta[0] is negative (or at once, for those of the hello).
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "support/objective_socket.h"
#include "wire.hpp"
#include <unistd.h>

namespace {

using namespace optex::wire;

int connection = -1;
std::uint64_t asked = 0;  // the number of the request that is being answered

void write_all(const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(connection, next, size);
    if (written <= 0) std::_Exit(9);
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

bool read_all(void* data, std::size_t size) {
  char* next = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = read(connection, next, size);
    if (got <= 0) return false;
    next += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

Answer answer_of(Reply kind, std::size_t count, std::uint32_t bytes) {
  Answer answer{};
  answer.magic = answer_magic;
  answer.version = wire_version;
  answer.kind = static_cast<std::uint16_t>(kind);
  answer.count = count;
  answer.number_bytes = bytes;
  answer.number = asked;
  return answer;
}

void say(Reply kind, const std::string& text) {
  const Answer answer = answer_of(kind, text.size(), 1);
  write_all(&answer, sizeof answer);
  write_all(text.data(), text.size());
}

std::uint32_t number_bytes = sizeof(double);
std::int64_t dimension = 5;
std::int64_t shards = 2;

void hello(const std::string& fault, const Request& request) {
  std::string text(request.count, '\0');
  if (!read_all(text.data(), text.size())) std::_Exit(9);
  if (text.find("precision=f32") != std::string::npos) number_bytes = sizeof(float);
  if (const auto at = text.find("dimension="); at != std::string::npos)
    dimension = std::atoll(text.c_str() + at + std::strlen("dimension="));
  if (fault == "options") {
    const std::string inherited = std::getenv("OPTEX_OPTIONS");
    return say(Reply::failed, inherited == text ? text : "OPTEX_OPTIONS says something else: " + inherited);
  }
  if (fault == "hello_exit") std::exit(4);
  if (fault == "hello_dimension") dimension = 0;
  if (fault == "hello_failed") return say(Reply::failed, "no licence");
  if (fault == "hello_version") {
    Answer answer = answer_of(Reply::hello, 0, number_bytes);
    answer.version = 99;
    return write_all(&answer, sizeof answer);
  }
  Answer answer =
      answer_of(Reply::hello, fault == "start" ? static_cast<std::size_t>(dimension) : 0, number_bytes);
  answer.flags = (fault == "noisy" ? flag_noisy : 0) | flag_assesses;
  answer.dimension = dimension;
  answer.shards = shards;
  write_all(&answer, sizeof answer);
  if (fault == "start") {
    const std::vector<double> start(static_cast<std::size_t>(dimension), 0.25);
    write_all(start.data(), start.size() * sizeof(double));
  }
}

void misbehave(const std::string& fault, std::size_t count) {
  if (fault == "exit") std::exit(3);
  if (fault == "segfault") {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would make an exit code of it
    std::raise(SIGSEGV);
  }
  if (fault == "sleep") sleep(1000);
  if (fault == "failed") return say(Reply::failed, "the solver gave up");
  if (fault == "infeasible") return say(Reply::infeasible, "negative mass");
  if (fault == "no_utf8") return say(Reply::failed, "gave up at \xC3\xA9 \xFF \xED\xA0\x80 \xE2\x82");
  if (fault == "late") asked -= 1;
  if (fault == "garbage") {
    const std::string words(256, 'x');
    return write_all(words.data(), words.size());
  }
  if (fault == "short") {
    const Answer answer = answer_of(Reply::evaluated, count - 1, number_bytes);
    return write_all(&answer, sizeof answer);
  }
  if (fault == "half") {
    const Answer answer = answer_of(Reply::evaluated, count, number_bytes);
    write_all(&answer, sizeof answer);
    std::exit(0);
  }
  if (fault == "huge_text") {
    const Answer answer = answer_of(Reply::failed, std::size_t{1} << 40U, 1);
    return write_all(&answer, sizeof answer);
  }
  Answer answer = answer_of(Reply::evaluated, count, number_bytes);
  answer.value = std::numeric_limits<double>::quiet_NaN();
  write_all(&answer, sizeof answer);
  const std::vector<double> gradient(count, 0.0);
  write_all(gradient.data(), count * number_bytes);
  if (fault == "twice") {
    write_all(&answer, sizeof answer);
    write_all(gradient.data(), count * number_bytes);
  }
}

template <class Number>
void evaluate(const std::string& fault, const Request& request) {
  std::vector<Number> theta(request.count);
  if (!read_all(theta.data(), theta.size() * sizeof(Number))) std::_Exit(9);
  std::printf("prints do no harm\n");
  std::fflush(stdout);
  if (theta[0] < 0) return misbehave(fault, theta.size());
  if (static_cast<Ask>(request.kind) == Ask::assess)
    return say(Reply::assessed, "worst error 0.5\nfirst 1e-3\n");
  Answer answer = answer_of(Reply::evaluated, request.count, sizeof(Number));
  for (Number& x : theta) {
    answer.value += static_cast<double>(x) * static_cast<double>(x) / 2 / static_cast<double>(shards);
    x /= static_cast<Number>(shards);
  }
  // Shows which key came.
  answer.value += request.whole != 0 ? 0.0 : 1e6 * static_cast<double>(request.point);
  write_all(&answer, sizeof answer);
  write_all(theta.data(), theta.size() * sizeof(Number));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string fault = argc > 1 ? argv[1] : "none";
  Request request{};
  connection = objective_socket();
  if (connection < 0) return 8;
  while (read_all(&request, sizeof request)) {
    asked = request.number;
    if (static_cast<Ask>(request.kind) == Ask::hello)
      hello(fault, request);
    else if (number_bytes == sizeof(float))
      evaluate<float>(fault, request);
    else
      evaluate<double>(fault, request);
  }
  if (fault == "deaf") pause();
  return 0;
}
