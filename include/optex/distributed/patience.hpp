#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace optex {

/// Waiting that costs no processor time and does not last for ever: naps that double from 1 us to 1 ms, and a
/// limit on the time without progress. Time in which this process itself was stopped or starved does not
/// count, so a job that was suspended as a whole goes on when it wakes.
class Patience {
 public:
  explicit Patience(double seconds) : limit_(seconds) {}

  /// Something moved: short naps and the full limit again.
  void renew() {
    nap_ = shortest;
    silent_ = 0.0;
    last_ = Clock::now();
  }

  /// Naps; false when the limit has passed without progress.
  bool rest() {
    std::this_thread::sleep_for(nap_);
    nap_ = std::min(2 * nap_, longest);
    const auto now = Clock::now();
    silent_ += std::min(std::chrono::duration<double>(now - last_).count(), 1.0);
    last_ = now;
    return silent_ <= limit_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::microseconds shortest{1};
  static constexpr std::chrono::microseconds longest{1000};

  double limit_;
  double silent_ = 0.0;  ///< seconds since the last progress
  std::chrono::microseconds nap_ = shortest;
  Clock::time_point last_ = Clock::now();
};

}  // namespace optex
