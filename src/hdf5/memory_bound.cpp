#include "memory_bound.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

#include <unistd.h>

namespace optex::hdf5 {

namespace {

const MemoryBound* innermost = nullptr;  // guarded by LibraryCall's lock

/// Bytes of private memory that this process has mapped, with its stack, which the limit does not count.
std::optional<std::uintmax_t> memory_in_use() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                             std::fclose);
  unsigned long pages = 0;
  if (file == nullptr || std::fscanf(file.get(), "%*u %*u %*u %*u %*u %lu", &pages) != 1) return std::nullopt;
  return std::uintmax_t{pages} * static_cast<std::uintmax_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

MemoryBound::MemoryBound(std::uintmax_t bytes) : outer_(innermost), bytes_(bytes) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they end the process instead
  const auto used = memory_in_use();
  if (!used || ::getrlimit(RLIMIT_DATA, &before_) != 0) return;
  original_ = outer_ != nullptr ? outer_->original_ : before_;
  const rlimit bound{std::min<rlim_t>(original_.rlim_cur, *used + bytes), before_.rlim_max};
  set_ = ::setrlimit(RLIMIT_DATA, &bound) == 0;
  if (set_) innermost = this;
#endif
}

MemoryBound::~MemoryBound() {
  if (!set_) return;
  ::setrlimit(RLIMIT_DATA, &before_);
  innermost = outer_;
}

std::optional<std::uintmax_t> MemoryBound::in_force() {
  if (innermost == nullptr) return std::nullopt;
  return innermost->bytes_;
}

}  // namespace optex::hdf5
