#include "optex/distributed/communicator.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/patience.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace optex {
namespace {

std::string error_text(int code) {
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) return fmt::format("MPI error {}", code);
  return {text, static_cast<std::size_t>(length)};
}

std::string host_name() {
  char name[MPI_MAX_PROCESSOR_NAME];
  int length = 0;
  MPI_Get_processor_name(name, &length);
  return {name, static_cast<std::size_t>(length)};
}

/// MPI counts in int: pieces of at most `limit` bytes.
template <class Byte>
std::vector<std::span<Byte>> pieces_of(std::span<Byte> bytes, std::size_t limit) {
  std::vector<std::span<Byte>> pieces;
  for (std::size_t begin = 0; begin < bytes.size(); begin += limit)
    pieces.push_back(bytes.subspan(begin, std::min(limit, bytes.size() - begin)));
  return pieces;
}

}  // namespace

Communicator::Communicator(MPI_Comm parent, const CommunicatorOptions& options)
    : options_(options), exceptions_at_start_(std::uncaught_exceptions()) {
  options_.message_limit = std::clamp(options.message_limit, std::size_t{1}, std::size_t{1} << 30U);
  if (options.patience_seconds <= 0.0) options_.patience_seconds = 2.0 * options.stall_seconds + 60.0;
  MPI_Comm_rank(parent, &rank_);
  MPI_Comm_size(parent, &size_);
  own_host_ = host_name();
  duplicate(parent);
  introduce();
  arriving_ = false;
}

void Communicator::duplicate(MPI_Comm parent) {
  // On the heap because MPI writes to it when the copy is ready, which may be after we gave up.
  const auto copy = std::make_shared<MPI_Comm>(MPI_COMM_NULL);
  MPI_Request request = MPI_REQUEST_NULL;
  int code = MPI_Comm_idup(parent, copy.get(), &request);
  Patience waiting(patience());
  for (int done = 0; code == MPI_SUCCESS;) {
    code = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0 || code != MPI_SUCCESS) break;
    if (!waiting.rest()) {
      keep_for_ever(copy);
      throw StallError(fmt::format(
          "not all {} ranks arrived within {:g} s; if they need longer to start, raise failure.stall_seconds",
          size_, patience()));
    }
  }
  if (code != MPI_SUCCESS)
    throw LaunchError(fmt::format("cannot set up a communicator for {} ranks: {}", size_, error_text(code)));
  communicator_ = *copy;
  MPI_Comm_set_errhandler(communicator_, MPI_ERRORS_RETURN);
}

Communicator::~Communicator() {
  // Freeing is a collective operation: not while this rank alone is on its way out.
  if (trusted_ && std::uncaught_exceptions() == exceptions_at_start_ && communicator_ != MPI_COMM_NULL)
    MPI_Comm_free(&communicator_);
}

double Communicator::patience() const {
  if (arriving_ && options_.arrival_seconds > 0.0) return options_.arrival_seconds;
  return rank_ == 0 ? options_.stall_seconds : options_.patience_seconds;
}

std::string Communicator::label(int rank) const {
  const int number = options_.first_in_job + options_.stride_in_job * rank;
  if (rank == rank_) return fmt::format("rank {} ({})", number, own_host_);
  if (rank == 0 && !coordinator_host_.empty()) return fmt::format("rank {} ({})", number, coordinator_host_);
  if (static_cast<std::size_t>(rank) < rank_map_.size())
    return fmt::format("rank {} ({})", number, rank_map_[static_cast<std::size_t>(rank)].host);
  for (const auto& [seen, process] : in_sight_)
    if (seen == rank) return fmt::format("rank {} ({})", number, own_host_);
  return fmt::format("rank {}", number);
}

void Communicator::unreachable(int peer, int code) {
  distrust();
  throw SilentRankError(peer, 0.0, fmt::format("{} cannot be reached: {}", label(peer), error_text(code)));
}

Transfer Communicator::post_send(int peer, int tag, std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> memory) {
  Transfer transfer;
  transfer.peer_ = peer;
  transfer.memory_ = std::move(memory);
  for (const auto piece : pieces_of(bytes, options_.message_limit)) {
    MPI_Request request = MPI_REQUEST_NULL;
    const int length = static_cast<int>(piece.size());
    const int code = MPI_Isend(piece.data(), length, MPI_BYTE, peer, tag, communicator_, &request);
    if (code != MPI_SUCCESS) unreachable(peer, code);
    transfer.pieces_.push_back({request, length});
    ++traffic_.messages_sent;
    traffic_.bytes_sent += length;
  }
  return transfer;
}

Transfer Communicator::post_receive(int peer, int tag, std::span<std::byte> bytes,
                                    std::shared_ptr<void> memory) {
  Transfer transfer;
  transfer.peer_ = peer;
  transfer.receives_ = true;
  transfer.memory_ = std::move(memory);
  for (const auto piece : pieces_of(bytes, options_.message_limit)) {
    MPI_Request request = MPI_REQUEST_NULL;
    const int length = static_cast<int>(piece.size());
    const int code = MPI_Irecv(piece.data(), length, MPI_BYTE, peer, tag, communicator_, &request);
    if (code != MPI_SUCCESS) unreachable(peer, code);
    transfer.pieces_.push_back({request, length});
    ++traffic_.messages_received;
    traffic_.bytes_received += length;
  }
  return transfer;
}

bool Communicator::progress(Transfer& transfer) {
  const std::size_t before = transfer.next_;
  while (!transfer.finished()) {
    Transfer::Piece& piece = transfer.pieces_[transfer.next_];
    int done = 0;
    MPI_Status status;
    const int code = MPI_Test(&piece.request, &done, &status);
    int error_class = MPI_SUCCESS;
    if (code != MPI_SUCCESS) MPI_Error_class(code, &error_class);
    if (error_class == MPI_ERR_TRUNCATE) {
      distrust();
      throw Error(ExitCode::internal, fmt::format("{} sent more than the {} bytes that were expected of it",
                                                  label(transfer.peer_), piece.bytes));
    }
    if (code != MPI_SUCCESS) unreachable(transfer.peer_, code);
    if (done == 0) break;
    if (transfer.receives_) {
      int received = 0;
      MPI_Get_count(&status, MPI_BYTE, &received);
      if (received != piece.bytes) {
        distrust();
        throw Error(ExitCode::internal, fmt::format("{} sent {} bytes where {} were expected of it",
                                                    label(transfer.peer_), received, piece.bytes));
      }
    }
    ++transfer.next_;
  }
  if (transfer.finished()) transfer.memory_.reset();
  return transfer.next_ != before;
}

void Communicator::wait(Transfer& transfer, const std::function<std::string()>& what,
                        const std::function<void()>& meanwhile) {
  Patience waiting(patience());
  for (;;) {
    if (progress(transfer)) waiting.renew();
    if (transfer.finished()) return;
    if (meanwhile) meanwhile();
    if (!waiting.rest()) stalled(transfer.peer_, what());
  }
}

void Communicator::wake(int rank) const {
  const auto place = static_cast<std::size_t>(rank);
  if (place >= rank_map_.size() || rank == rank_) return;
  if (rank_map_[place].host == own_host_ && rank_map_[place].pid > 1)
    kill(static_cast<pid_t>(rank_map_[place].pid), SIGCONT);
}

bool Communicator::is_gone(std::int64_t process) {
  return kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH;
}

std::vector<std::string> Communicator::dead_ranks() const {
  std::vector<std::string> dead;
  for (const auto& [rank, process] : in_sight_)
    if (is_gone(process)) dead.push_back(label(rank));
  return dead;
}

bool Communicator::has_died(int rank) const {
  return std::any_of(in_sight_.begin(), in_sight_.end(),
                     [rank](const auto& seen) { return seen.first == rank && is_gone(seen.second); });
}

std::optional<std::string> Communicator::dead_neighbour() const {
  if (in_sight_.empty()) return std::nullopt;
  auto next = std::find_if(in_sight_.begin(), in_sight_.end(),
                           [this](const auto& seen) { return seen.first > rank_; });
  if (next == in_sight_.end()) next = in_sight_.begin();
  return is_gone(next->second) ? std::optional(label(next->first)) : std::nullopt;
}

bool Communicator::has_word_from(int peer, int tag) {
  int found = 0;
  MPI_Status status;
  // A look may do no more than fetch what has arrived; the next ones find it.
  for (int look = 0; look < 10 && found == 0; ++look) {
    const int code = MPI_Iprobe(peer, tag, communicator_, &found, &status);
    if (code != MPI_SUCCESS) unreachable(peer, code);
  }
  return found != 0;
}

void Communicator::stalled(int peer, const std::string& what) {
  distrust();
  throw SilentRankError(peer, patience(),
                        fmt::format("{} has been silent for {:g} s: {} was waiting for {}; if that can take "
                                    "longer, raise failure.stall_seconds (now {:g})",
                                    label(peer), patience(), label(rank_), what, options_.stall_seconds));
}

void Outbox::send(int peer, int tag, std::span<const std::byte> bytes, std::shared_ptr<const void> memory) {
  Transfer transfer = communicator_.post_send(peer, tag, bytes, std::move(memory));
  communicator_.progress(transfer);
  if (!transfer.finished()) transfers_.push_back(std::move(transfer));
}

void Outbox::forget(int peer) {
  std::erase_if(transfers_, [peer](const Transfer& transfer) { return transfer.peer() == peer; });
}

bool Outbox::progress() {
  bool moved = false;
  for (Transfer& transfer : transfers_) moved = communicator_.progress(transfer) || moved;
  if (moved) std::erase_if(transfers_, [](const Transfer& transfer) { return transfer.finished(); });
  return moved;
}

void Outbox::finish(const std::string& what, const std::function<void()>& meanwhile) {
  Patience waiting(communicator_.patience());
  while (!empty()) {
    if (progress()) waiting.renew();
    if (empty()) return;
    if (meanwhile) meanwhile();
    if (!waiting.rest()) communicator_.stalled(transfers_.front().peer(), what);
  }
}

}  // namespace optex
