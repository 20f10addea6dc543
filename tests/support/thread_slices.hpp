#pragma once

#include "optex/core/coordinate_slices.hpp"

#include <barrier>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace optex::testing {

/// Ranks that share long vectors, as threads of one process.
class ThreadSlices {
 public:
  ThreadSlices(Index whole, int holders)
      : whole_(whole),
        slices_(cut_into_slices(whole, holders)),
        meeting_(std::ssize(slices_)),
        parts_(slices_.size()) {}

  int holders() const { return static_cast<int>(slices_.size()); }

  /// Runs `program` once for every holder, each in a thread of its own.
  void run(const std::function<void(CoordinateSlices&)>& program) {
    std::vector<std::thread> threads;
    for (std::size_t rank = 0; rank < slices_.size(); ++rank)
      threads.emplace_back([this, rank, &program] {
        One mine(*this, rank);
        program(mine);
      });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  class One final : public CoordinateSlices {
   public:
    One(ThreadSlices& all, std::size_t rank) : all_(all), rank_(rank) {}
    Index whole() const override { return all_.whole_; }
    Slice mine() const override { return all_.slices_[rank_]; }
    void add_up(const std::vector<double>& segments, Index width, double* totals) override {
      all_.parts_[rank_] = segments;
      all_.meeting_.arrive_and_wait();
      std::fill_n(totals, width, 0.0);
      for (const std::vector<double>& part : all_.parts_)
        for (std::size_t i = 0; i < part.size(); ++i) totals[static_cast<Index>(i) % width] += part[i];
      all_.meeting_.arrive_and_wait();
    }
    Vector gather(ConstVectorRef slice) override {
      all_.parts_[rank_].assign(slice.data(), slice.data() + slice.size());
      all_.meeting_.arrive_and_wait();
      Vector whole;
      if (rank_ == 0) {
        whole.resize(all_.whole_);
        for (std::size_t r = 0; r < all_.parts_.size(); ++r)
          std::copy(all_.parts_[r].begin(), all_.parts_[r].end(), whole.data() + all_.slices_[r].first);
      }
      all_.meeting_.arrive_and_wait();
      return whole;
    }
    Vector scatter(ConstVectorRef whole) override {
      if (rank_ == 0) all_.vector_ = whole;
      all_.meeting_.arrive_and_wait();
      Vector slice = all_.vector_.segment(mine().first, mine().size);
      all_.meeting_.arrive_and_wait();
      return slice;
    }
    std::string share(const std::string& text) override {
      if (rank_ == 0) all_.text_ = text;
      all_.meeting_.arrive_and_wait();
      std::string shared = all_.text_;
      all_.meeting_.arrive_and_wait();
      return shared;
    }
    /// The others of a test know what comes.
    void call(JointStep) override {}

   private:
    ThreadSlices& all_;
    std::size_t rank_;
  };

  Index whole_;
  std::vector<Slice> slices_;
  std::barrier<> meeting_;
  std::vector<std::vector<double>> parts_;
  Vector vector_;
  std::string text_;
};

}  // namespace optex::testing
