#include "optex/core/coroutine.hpp"

#include <csignal>
#include <utility>

#include <unistd.h>

namespace optex {

Coroutine::~Coroutine() {
  if (!thread_.joinable()) return;
  if (process_ != getpid()) {  // a forked child holds the handle of a thread that only its parent has
    thread_.detach();
    return;
  }
  if (!ended_) {
    std::unique_lock lock(mutex_);
    abandoned_ = true;
    give(Turn::body, lock);
    wait_for(Turn::owner, lock);
  }
  thread_.join();
}

void Coroutine::resume() {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) start();
  give(Turn::body, lock);
  wait_for(Turn::owner, lock);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Coroutine::yield() {
  std::unique_lock lock(mutex_);
  give(Turn::owner, lock);
  wait_for(Turn::body, lock);
  if (abandoned_) throw Abandoned{};
}

void Coroutine::start() {
  process_ = getpid();
  // Signals are the business of the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto restore = [&before] { pthread_sigmask(SIG_SETMASK, &before, nullptr); };
  try {
    thread_ = std::thread([this] {
      std::unique_lock mine(mutex_);
      wait_for(Turn::body, mine);
      mine.unlock();
      std::exception_ptr thrown;
      try {
        body_(*this);
      } catch (const Abandoned&) {
      } catch (...) {
        thrown = std::current_exception();
      }
      mine.lock();
      thrown_ = thrown;
      ended_ = true;
      give(Turn::owner, mine);
    });
  } catch (...) {
    restore();
    throw;
  }
  restore();
}

void Coroutine::wait_for(Turn turn, std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [&] { return turn_ == turn; });
}

void Coroutine::give(Turn turn, std::unique_lock<std::mutex>&) {
  turn_ = turn;
  changed_.notify_all();
}

}  // namespace optex
