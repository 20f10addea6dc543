#include "optex/distributed/slice_ranks.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/numbers.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr int up_tag = 5;
constexpr int down_tag = 6;
constexpr int slice_tag = 7;

const std::string for_sums = "its part of a sum over all coordinates";
constexpr const char* for_slices = "its slice of a vector";
constexpr const char* for_steps = "the next joint step";

/// The ranks of a binomial tree: `rank` takes what the ranks [rank + mask, rank + 2 mask) have from the first
/// of them, for mask = 1, 2, 4, ... below its own lowest bit.
int lowest_bit(int rank, int ranks) { return rank == 0 ? ranks : rank & -rank; }

}  // namespace

SliceRanks::SliceRanks(Communicator& communicator, Index whole)
    : communicator_(communicator), whole_(whole), slices_(cut_into_slices(whole, communicator.size())) {
  if (communicator.rank() >= holders())
    throw Error(ExitCode::internal,
                fmt::format("rank {} holds no slice of {} coordinates", communicator.rank(), whole));
}

/// One exchange. Rank 0 wakes ranks that are stopped, the silent one or whom it waits for itself: launchers
/// may hang when they must end one that is.
template <class Exchange>
void SliceRanks::listen(Exchange exchange) {
  try {
    exchange();
  } catch (const SilentRankError&) {
    if (communicator_.rank() == 0) {
      for (int rank = 1; rank < holders(); ++rank) communicator_.wake(rank);
      if (on_silence_) on_silence_();
    }
    throw;
  }
}

int SliceRanks::holders(Index whole, int ranks) {
  return static_cast<int>(cut_into_slices(whole, ranks).size());
}

Index SliceRanks::segments_of(int rank) const {
  return std::max<Index>(1, slices_[static_cast<std::size_t>(rank)].size / segment_length(whole_));
}

void SliceRanks::send(int peer, int tag, Vector numbers, const std::string& what) {
  listen([&] { send_numbers(communicator_, peer, tag, std::move(numbers), what); });
}

void SliceRanks::receive(int peer, int tag, VectorRef numbers, const std::string& what) {
  listen([&] { receive_numbers(communicator_, peer, tag, numbers, what); });
}

void SliceRanks::add_up(const std::vector<double>& segments, Index width, double* totals) {
  const int rank = communicator_.rank(), ranks = holders();
  const int reach = lowest_bit(rank, ranks);
  // This rank's segments and those of the ranks behind it in the tree, in their order.
  std::vector<double> sums = segments;
  for (int mask = 1; mask < reach && rank + mask < ranks; mask *= 2) {
    Index count = 0;
    const int last = std::min(rank + 2 * mask, ranks) - 1;
    for (int r = rank + mask; r <= last; ++r) count += segments_of(r);
    std::string behind;
    if (last > rank + mask)
      behind = fmt::format(" (it may be waiting itself, for rank {}{})", rank + mask + 1,
                           last > rank + mask + 1 ? fmt::format(" or one up to {}", last) : "");
    const std::size_t before = sums.size();
    sums.resize(before + static_cast<std::size_t>(count * width));
    receive(rank + mask, up_tag, Eigen::Map<Vector>(sums.data() + before, count * width), for_sums + behind);
  }
  Vector total = Vector::Zero(width);
  if (rank == 0) {
    for (std::size_t at = 0; at < sums.size(); at += static_cast<std::size_t>(width))
      for (Index k = 0; k < width; ++k) total[k] += sums[at + static_cast<std::size_t>(k)];
  } else {
    send(rank - reach, up_tag, Eigen::Map<const Vector>(sums.data(), std::ssize(sums)), for_sums);
    receive(rank - reach, down_tag, total, for_sums);
  }
  Outbox outbox(communicator_);
  const auto shared = std::make_shared<const Vector>(total);
  int farthest = 1;
  while (farthest * 2 < reach && rank + farthest * 2 < ranks) farthest *= 2;
  // The longest way first.
  for (int mask = farthest; mask >= 1; mask /= 2)
    if (mask < reach && rank + mask < ranks) outbox.send(rank + mask, down_tag, bytes_of(*shared), shared);
  listen([&] { outbox.finish(for_sums); });
  std::copy_n(total.data(), width, totals);
}

Vector SliceRanks::gather(ConstVectorRef slice) {
  if (communicator_.rank() > 0) {
    send(0, slice_tag, slice, for_slices);
    return {};
  }
  const auto whole = std::make_shared<Vector>(whole_);
  std::vector<Transfer> transfers;
  for (int rank = 1; rank < holders(); ++rank) {
    const Slice& theirs = slices_[static_cast<std::size_t>(rank)];
    const std::span<double> place(whole->data() + theirs.first, static_cast<std::size_t>(theirs.size));
    transfers.push_back(communicator_.post_receive(rank, slice_tag, std::as_writable_bytes(place), whole));
  }
  whole->head(slice.size()) = slice;
  for (Transfer& transfer : transfers)
    listen([&] { communicator_.wait(transfer, [] { return for_slices; }); });
  return std::move(*whole);
}

Vector SliceRanks::scatter(ConstVectorRef whole) {
  if (communicator_.rank() > 0) {
    Vector slice(mine().size);
    receive(0, slice_tag, slice, for_slices);
    return slice;
  }
  Outbox outbox(communicator_);
  for (int rank = 1; rank < holders(); ++rank) {
    const Slice& theirs = slices_[static_cast<std::size_t>(rank)];
    const auto copy = std::make_shared<const Vector>(whole.segment(theirs.first, theirs.size));
    outbox.send(rank, slice_tag, bytes_of(*copy), copy);
  }
  listen([&] { outbox.finish(for_slices); });
  return whole.head(mine().size);
}

std::string SliceRanks::share(const std::string& text) {
  std::string shared;
  listen([&] { shared = communicator_.broadcast(text, for_steps, holders()); });
  return shared;
}

void SliceRanks::call(JointStep step) {
  summon_();
  share(std::to_string(static_cast<int>(step)));
}

JointStep SliceRanks::called() {
  const std::string text = share("");
  for (const JointStep step :
       {JointStep::begin, JointStep::iterate, JointStep::finished, JointStep::save, JointStep::restore,
        JointStep::answer, JointStep::collected, JointStep::broken})
    if (text == std::to_string(static_cast<int>(step))) return step;
  throw Error(ExitCode::internal, "garbled message between ranks: joint step \"" + text + "\"");
}

}  // namespace optex
