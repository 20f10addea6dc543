#include "read_bandwidth.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/core/vector_clones.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>

namespace optex::bench {
namespace {

bool by_processor_time = false;

constexpr Index lanes = 32;
constexpr Index piece = 1 << 16;  // doubles: 512 KiB, about a tile of the history

template <int Streams, bool Prefetch>
OPTEX_INLINE double sum_streams(const double* from) {
  double lane[lanes] = {};
  constexpr Index length = piece / Streams;
  for (Index i = 0; i < length; i += lanes / Streams) {
    for (int s = 0; s < Streams; ++s) {
      const double* const at = from + s * length + i;
      if (Prefetch)
        for (Index k = 0; k < lanes / Streams; k += 8) __builtin_prefetch(at + k + 512, 0, 3);
      for (Index k = 0; k < lanes / Streams; ++k) lane[s * (lanes / Streams) + k] += at[k];
    }
  }
  double sum = 0.0;
  for (const double part : lane) sum += part;
  return sum;
}

OPTEX_VECTOR_CLONES double sum_one_stream(const double* from) { return sum_streams<1, false>(from); }
OPTEX_VECTOR_CLONES double sum_four_streams(const double* from) { return sum_streams<4, false>(from); }
OPTEX_VECTOR_CLONES double sum_prefetched(const double* from) { return sum_streams<4, true>(from); }

}  // namespace

double seconds_now() {
  timespec time{};
  clock_gettime(by_processor_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  const double seconds = static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  return by_processor_time ? seconds / thread_count() : seconds;
}

void measure_processor_time(bool wanted) { by_processor_time = wanted; }

ReadBandwidth::ReadBandwidth(std::size_t bytes)
    : pieces_(std::max<Index>(1, static_cast<Index>(bytes / sizeof(double)) / piece)),
      memory_(static_cast<std::size_t>(pieces_ * piece) * sizeof(double)) {
  auto* const numbers = static_cast<double*>(memory_.data());
  parallel_for(pieces_, 8, [&](Index p) { std::fill_n(numbers + p * piece, piece, 1.0); });
  double best = 0.0;
  for (int round = 0; round < 3; ++round)
    for (int way = 0; way < 3; ++way)
      if (const double speed = pass(way); speed > best) {
        best = speed;
        best_way_ = way;
      }
}

double ReadBandwidth::measure() const { return pass(best_way_); }

double ReadBandwidth::pass(int way) const {
  static std::atomic<double> kept{0.0};  // so that no pass is optimised away
  const auto read = way == 0 ? sum_one_stream : way == 1 ? sum_four_streams : sum_prefetched;
  const auto* const numbers = static_cast<const double*>(memory_.data());
  const double begin = seconds_now();
  parallel_for(pieces_, 8, [&](Index p) { kept = read(numbers + p * piece); });
  return static_cast<double>(pieces_ * piece) * sizeof(double) / (seconds_now() - begin);
}

}  // namespace optex::bench
