#include "onlooker.hpp"

#include <utility>

namespace optex::app {

Onlooker::Onlooker(std::chrono::milliseconds every, std::function<bool()> look)
    : thread_([this, every, look = std::move(look)](const std::stop_token& end) {
        std::unique_lock lock(mutex_);
        for (bool goes_on = true; goes_on;) {
          end_.wait_for(lock, end, every, [] { return false; });
          goes_on = !end.stop_requested() && look();
        }
      }) {}

}  // namespace optex::app
