#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace optex {
namespace {

/// One call of parallel_for.
struct Job {
  Index count, grain;
  const std::function<void(Index)>& work;
  std::atomic<Index> next{0};
  std::mutex failing;
  std::exception_ptr failure;

  void help() noexcept {
    for (;;) {
      const Index begin = next.fetch_add(grain);
      if (begin >= count) return;
      try {
        for (Index i = begin; i < std::min(begin + grain, count); ++i) work(i);
      } catch (...) {
        const std::lock_guard lock(failing);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  }
};

thread_local bool inside_work = false;

/// Threads that sleep until there is a job.
class Crew {
 public:
  explicit Crew(int members) {
    for (int i = 0; i < members; ++i) threads_.emplace_back([this] { serve(); });
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  /// False, and nothing done, while another thread of the program has the crew.
  bool run(Job& job) {
    const std::unique_lock mine(taken_, std::try_to_lock);
    if (!mine.owns_lock()) return false;
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      ++jobs_;
    }
    wake_.notify_all();
    inside_work = true;
    job.help();
    inside_work = false;
    // All work is taken. Who has not woken up by now finds nothing and is not waited for: on a busy machine
    // that could take longer than the work.
    std::unique_lock lock(mutex_);
    job_ = nullptr;
    idle_.wait(lock, [this] { return helping_ == 0; });
    return true;
  }

 private:
  void serve() {
    inside_work = true;
    std::uint64_t done = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return closing_ || (job_ != nullptr && jobs_ != done); });
      if (closing_) return;
      done = jobs_;
      Job& job = *job_;
      ++helping_;
      lock.unlock();
      job.help();
      lock.lock();
      if (--helping_ == 0) idle_.notify_one();
    }
  }

  std::mutex taken_;  ///< by the thread whose job it is
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  Job* job_ = nullptr;
  std::uint64_t jobs_ = 0;
  int helping_ = 0;  ///< threads that are at work on the present job
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

std::unique_ptr<Crew>& crew() {
  static std::unique_ptr<Crew> the_crew;
  return the_crew;
}
std::atomic<int> threads_wanted{1};

}  // namespace

void set_thread_count(int threads) {
  threads = std::max(threads, 1);
  if (threads == threads_wanted) return;
  crew().reset();
  if (threads > 1) crew() = std::make_unique<Crew>(threads - 1);
  threads_wanted = threads;
}

int thread_count() { return threads_wanted; }

void parallel_for(Index count, Index grain, const std::function<void(Index)>& work) {
  if (threads_wanted == 1 || inside_work || count <= grain) {
    for (Index i = 0; i < count; ++i) work(i);
    return;
  }
  Job job{count, grain, work, {}, {}, {}};
  if (!crew()->run(job)) job.help();
  if (job.failure) std::rethrow_exception(job.failure);
}

void parallel_fold(Index first, Index last, Index width, const std::function<void(Index, double*)>& term,
                   const std::function<void(Index, const double*)>& add) {
  constexpr Index grain = 8;
  // So many terms are held at a time (4 MiB, or 64 terms): enough to keep threads busy between two folds.
  const Index batch = std::clamp<Index>((Index{1} << 19) / std::max<Index>(width, 1), 64, 4096);
  const Index count = last - first;
  const Index held = threads_wanted == 1 || inside_work || count <= grain ? 1 : std::min(count, batch);
  std::vector<double> partial(static_cast<std::size_t>(held * width));
  for (Index begin = first; begin < last; begin += held) {
    const Index size = std::min(held, last - begin);
    parallel_for(size, grain, [&](Index i) { term(begin + i, partial.data() + i * width); });
    for (Index i = 0; i < size; ++i) add(begin + i, partial.data() + i * width);
  }
}

void parallel_sum(Index count, Index width, const std::function<void(Index, double*)>& term, double* totals) {
  std::fill_n(totals, width, 0.0);
  parallel_fold(0, count, width, term, [=](Index, const double* partial) {
    for (Index k = 0; k < width; ++k) totals[k] += partial[k];
  });
}

void parallel_copy(const double* from, double* to, Index n) {
  constexpr Index piece = Index{1} << 16;  // 512 KiB
  parallel_for((n + piece - 1) / piece, 1, [&](Index i) {
    std::copy_n(from + i * piece, std::min(piece, n - i * piece), to + i * piece);
  });
}

}  // namespace optex
