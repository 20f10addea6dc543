#include "doorway.hpp"

#include "optex/core/errors.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

constexpr int wanted_buffer_bytes = 1 << 22;

/// A new folder that only this user may enter, in `parent`; empty when it cannot be made or no address of a
/// socket (108 bytes) could name what is in it.
fs::path private_folder(const std::string& parent, const std::string& inside) {
  std::string name = parent + "/optex-XXXXXX";
  if (name.size() + 1 + inside.size() >= sizeof(sockaddr_un::sun_path)) return {};
  return mkdtemp(name.data()) != nullptr ? fs::path(name) : fs::path();
}

}  // namespace

Doorway::Doorway() {
  const std::string name = "objective";
  const char* const chosen = std::getenv("TMPDIR");
  int error = ENOENT;
  for (const char* const parent : {chosen, "/tmp", "/var/tmp"}) {
    if (parent == nullptr || *parent == '\0') continue;
    const fs::path folder = private_folder(parent, name);
    if (folder.empty()) continue;
    path_ = folder / name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.native().size());
    listening_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listening_ >= 0 && bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        listen(listening_, 1) == 0)
      return;
    error = errno;
    close();
  }
  throw IoError(fmt::format(
      "a socket for problem.command can be made neither in TMPDIR ({}) nor in /tmp: {}; name a folder that "
      "exists, with a short path, in TMPDIR",
      chosen != nullptr ? chosen : "not set", std::strerror(error)));
}

Doorway::~Doorway() { close(); }

void Doorway::close() noexcept {
  if (listening_ >= 0) ::close(listening_);
  listening_ = -1;
  if (path_.empty()) return;
  unlink(path_.c_str());
  rmdir(path_.parent_path().c_str());
  path_.clear();
}

int Doorway::let_in() {
  const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (connection < 0) return -1;
  // Fewer changes between the processes; the system cuts it to what it allows.
  setsockopt(connection, SOL_SOCKET, SO_SNDBUF, &wanted_buffer_bytes, sizeof wanted_buffer_bytes);
  close();
  return connection;
}

}  // namespace optex
