#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace optex::app {

/// A thread that looks every so often, until it has seen what it looks for or this object is gone, which
/// waits for a look that goes on.
class Onlooker {
 public:
  /// `look`: false when there is nothing more to look for.
  Onlooker(std::chrono::milliseconds every, std::function<bool()> look);

 private:
  std::mutex mutex_;
  std::condition_variable_any end_;
  std::jthread thread_;
};

}  // namespace optex::app
