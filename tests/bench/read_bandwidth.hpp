#pragma once

#include "optex/core/large_buffer.hpp"
#include "optex/core/types.hpp"

#include <cstddef>

namespace optex::bench {

/// Seconds since some moment. On a machine that others use too the processor time of this process, an equal
/// share for each of its threads, tells more than the clock on the wall.
double seconds_now();
void measure_processor_time(bool wanted);

/// Measures how fast this process reads memory with thread_count() threads, now: whatever must read that much
/// can be no faster. In huge pages, as the history is.
class ReadBandwidth {
 public:
  /// Fills `bytes` of memory and finds out which of three ways to read it is the fastest here: one stream,
  /// four streams, four streams with prefetches.
  explicit ReadBandwidth(std::size_t bytes);

  /// Bytes a second of one pass in that way.
  double measure() const;

 private:
  double pass(int way) const;

  Index pieces_;
  LargeBuffer memory_;
  int best_way_ = 0;
};

}  // namespace optex::bench
