#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace optex {

/// A function that can be left in its middle and taken up there. It runs on a thread of its own, but never at
/// the same time as its owner: one of the two always waits for the other (some 20 microseconds a change).
class Coroutine {
 public:
  /// Nothing runs before the first resume().
  explicit Coroutine(std::function<void(Coroutine&)> body) : body_(std::move(body)) {}
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;
  /// A body that is in its middle is unwound: its yield() throws what no handler of errors catches.
  ~Coroutine();

  /// For the owner: goes on until the body yields or ends. Throws what the body throws.
  void resume();
  /// For the body: back to the owner, until that resumes.
  void yield();
  bool ended() const { return ended_; }

 private:
  struct Abandoned {};
  enum class Turn { owner, body };

  void start();
  void wait_for(Turn turn, std::unique_lock<std::mutex>& lock);
  void give(Turn turn, std::unique_lock<std::mutex>& lock);

  std::function<void(Coroutine&)> body_;
  std::thread thread_;
  int process_ = 0;  ///< that started the thread; a fork has none
  std::mutex mutex_;
  std::condition_variable changed_;
  Turn turn_ = Turn::owner;
  bool ended_ = false;
  bool abandoned_ = false;
  std::exception_ptr thrown_;
};

}  // namespace optex
