#include "optex/distributed/slice_ranks.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr int up_tag = 5;
constexpr int down_tag = 6;
constexpr int slice_tag = 7;

constexpr const char* for_sums = "its part of a sum over all coordinates";
constexpr const char* for_slices = "its slice of a vector";
constexpr const char* for_steps = "the next joint step";

/// The ranks of a binomial tree: `rank` takes what the ranks [rank + mask, rank + 2 mask) have from the first
/// of them, for mask = 1, 2, 4, ... below its own lowest bit.
int lowest_bit(int rank, int ranks) { return rank == 0 ? ranks : rank & -rank; }

}  // namespace

SliceRanks::SliceRanks(Communicator& communicator, Index whole)
    : communicator_(communicator), whole_(whole), slices_(cut_into_slices(whole, communicator.size())) {
  if (std::ssize(slices_) != communicator.size())
    throw Error(ExitCode::internal,
                fmt::format("{} coordinates cannot be spread over {} ranks", whole, communicator.size()));
}

int SliceRanks::holders(Index whole, int ranks) {
  return static_cast<int>(cut_into_slices(whole, ranks).size());
}

Index SliceRanks::segments_of(int rank) const {
  return std::max<Index>(1, slices_[static_cast<std::size_t>(rank)].size / segment_length(whole_));
}

void SliceRanks::send(int peer, int tag, Vector numbers, const char* what) {
  const auto shared = std::make_shared<const Vector>(std::move(numbers));
  Outbox outbox(communicator_);
  outbox.send(peer, tag, std::as_bytes(std::span(shared->data(), static_cast<std::size_t>(shared->size()))),
              shared);
  outbox.finish(what);
}

void SliceRanks::receive(int peer, int tag, VectorRef numbers, const char* what) {
  const auto arrived = std::make_shared<Vector>(numbers.size());
  Transfer transfer = communicator_.post_receive(
      peer, tag,
      std::as_writable_bytes(std::span(arrived->data(), static_cast<std::size_t>(arrived->size()))), arrived);
  communicator_.wait(transfer, [what] { return what; });
  numbers = *arrived;
}

void SliceRanks::add_up(const std::vector<double>& segments, Index width, double* totals) {
  const int rank = communicator_.rank(), ranks = communicator_.size();
  const int reach = lowest_bit(rank, ranks);
  // This rank's segments and those of the ranks behind it in the tree, in their order.
  std::vector<double> sums = segments;
  for (int mask = 1; mask < reach && rank + mask < ranks; mask *= 2) {
    Index count = 0;
    for (int r = rank + mask; r < std::min(rank + 2 * mask, ranks); ++r) count += segments_of(r);
    const std::size_t before = sums.size();
    sums.resize(before + static_cast<std::size_t>(count * width));
    receive(rank + mask, up_tag, Eigen::Map<Vector>(sums.data() + before, count * width), for_sums);
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
    if (mask < reach && rank + mask < ranks)
      outbox.send(rank + mask, down_tag,
                  std::as_bytes(std::span(shared->data(), static_cast<std::size_t>(width))), shared);
  outbox.finish(for_sums);
  std::copy_n(total.data(), width, totals);
}

Vector SliceRanks::gather(ConstVectorRef slice) {
  if (communicator_.rank() > 0) {
    send(0, slice_tag, slice, for_slices);
    return {};
  }
  const auto whole = std::make_shared<Vector>(whole_);
  std::vector<Transfer> transfers;
  for (int rank = 1; rank < communicator_.size(); ++rank) {
    const Slice& theirs = slices_[static_cast<std::size_t>(rank)];
    const std::span<double> place(whole->data() + theirs.first, static_cast<std::size_t>(theirs.size));
    transfers.push_back(communicator_.post_receive(rank, slice_tag, std::as_writable_bytes(place), whole));
  }
  whole->head(slice.size()) = slice;
  for (Transfer& transfer : transfers) communicator_.wait(transfer, [] { return for_slices; });
  return std::move(*whole);
}

Vector SliceRanks::scatter(ConstVectorRef whole) {
  if (communicator_.rank() > 0) {
    Vector slice(mine().size);
    receive(0, slice_tag, slice, for_slices);
    return slice;
  }
  Outbox outbox(communicator_);
  for (int rank = 1; rank < communicator_.size(); ++rank) {
    const Slice& theirs = slices_[static_cast<std::size_t>(rank)];
    const auto copy = std::make_shared<const Vector>(whole.segment(theirs.first, theirs.size));
    outbox.send(rank, slice_tag,
                std::as_bytes(std::span(copy->data(), static_cast<std::size_t>(copy->size()))), copy);
  }
  outbox.finish(for_slices);
  return whole.head(mine().size);
}

std::string SliceRanks::share(const std::string& text) { return communicator_.broadcast(text, for_steps); }

void SliceRanks::call(JointStep step) {
  summon_();
  share(std::to_string(static_cast<int>(step)));
}

JointStep SliceRanks::called() {
  const std::string text = share("");
  for (const JointStep step : {JointStep::begin, JointStep::iterate, JointStep::save, JointStep::restore,
                               JointStep::answer, JointStep::collected, JointStep::broken})
    if (text == std::to_string(static_cast<int>(step))) return step;
  throw Error(ExitCode::internal, "garbled message between ranks: joint step \"" + text + "\"");
}

}  // namespace optex
