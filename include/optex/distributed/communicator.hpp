#pragma once

#include "optex/core/errors.hpp"
#include "optex/distributed/transfer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

namespace optex {

struct CommunicatorOptions {
  std::size_t message_limit = std::size_t{1} << 30U;  ///< bytes; longer messages travel in pieces
  double stall_seconds = 600.0;  ///< how long rank 0 waits for a rank that is silent (failure.stall_seconds)
  /// How long the other ranks wait for rank 0, which says that it lives whenever it waits itself, but not
  /// while it fits, walks the chain, or computes one shard. 0 means 2 stall_seconds + 60.
  double patience_seconds = 0.0;
  /// How long ranks wait for each other at start-up. 0 means as long as later.
  double arrival_seconds = 0.0;
  /// Messages speak of a rank by its number in the job: first + stride * its number here.
  int first_in_job = 0, stride_in_job = 1;
};

/// Where a rank runs.
struct RankPlace {
  std::string host;
  std::int64_t pid = 0;
  bool in_sight = false;  ///< this rank sees the process: on its host, not in a container of its own
};

/// What this rank has sent and received, counted when a transfer is posted.
struct Traffic {
  std::int64_t messages_sent = 0;
  std::int64_t bytes_sent = 0;
  std::int64_t messages_received = 0;
  std::int64_t bytes_received = 0;
};

/// A rank that was silent for too long, or that MPI says cannot be reached.
struct SilentRankError : StallError {
  SilentRankError(int silent, double seconds_waited, const std::string& message)
      : StallError(message), rank(silent), seconds(seconds_waited) {}
  int rank;
  double seconds;  ///< how long it was waited for; 0 when MPI reported it
};

/// A private copy of somebody's MPI communicator on which every wait ends: in success, or in a StallError
/// that names the rank that is silent, its host and what was expected of it. Nothing here blocks inside MPI.
///
/// Made by all ranks of the parent together; so are gather() and broadcast().
class Communicator {
 public:
  explicit Communicator(MPI_Comm parent, const CommunicatorOptions& options = {});
  ~Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool alone() const { return size_ == 1; }

  /// How long this rank waits without progress before it gives up, in seconds.
  double patience() const;

  /// How often this rank must be heard of so that those who wait for it do not lose patience, in seconds.
  double sign_of_life_seconds() const {
    return (rank_ == 0 ? options_.patience_seconds : options_.stall_seconds) / 4.0;
  }

  /// "rank 3 (host)"; rank 0 knows every host, the others know who is on their own, and rank 0's.
  std::string label(int rank) const;

  /// Host and process of every rank on rank 0; empty elsewhere.
  const std::vector<RankPlace>& rank_map() const { return rank_map_; }

  /// Before the job is ended: mpirun of Open MPI 4.1 hangs or crashes when a rank that is stopped (SIGSTOP)
  /// has to be ended. Has an effect on ranks of this host, on rank 0 only.
  void wake(int rank) const;

  /// The ranks whose processes this rank has seen on its host and sees no more, as label() has them. A
  /// launcher ends the others then (SIGTERM), which looks like a wish of the user's. From any thread.
  std::vector<std::string> dead_ranks() const;
  bool has_died(int rank) const;
  /// Whether this rank can look after others of its host.
  bool sees_others() const { return !in_sight_.empty(); }
  /// The same of the next rank on this host, after the last one the first: when everybody looks after one,
  /// none is missed, and looking costs nothing.
  std::optional<std::string> dead_neighbour() const;

  /// Start to move bytes; `memory` keeps them alive until the transfer is finished or for ever. Messages
  /// between two ranks with one tag arrive in the order in which they were posted; both ends must name the
  /// same length.
  Transfer post_send(int peer, int tag, std::span<const std::byte> bytes, std::shared_ptr<const void> memory);
  Transfer post_receive(int peer, int tag, std::span<std::byte> bytes, std::shared_ptr<void> memory);

  /// Looks once; true when a piece has arrived since the last look. Throws StallError when MPI reports that
  /// the peer cannot be reached, Error (internal) when the message has another length than expected.
  bool progress(Transfer& transfer);

  /// Waits for a transfer. `what` completes "waiting for ..."; `meanwhile` (may be empty) runs between looks.
  void wait(Transfer& transfer, const std::function<std::string()>& what,
            const std::function<void()>& meanwhile = {});

  /// True when a message of this peer with this tag has arrived, or begun to, and nobody has taken it yet.
  bool has_word_from(int peer, int tag);

  /// Throws the SilentRankError for a peer that was silent for patience() seconds.
  [[noreturn]] void stalled(int peer, const std::string& what);

  /// Messages that nobody will receive may be left on it: it is then never freed, because MPI could give its
  /// place to another communicator, which would receive them. Every error in here has this effect.
  void distrust() { trusted_ = false; }

  /// One text of every rank, by rank, on rank 0; empty elsewhere.
  std::vector<std::string> gather(const std::string& mine, const std::string& what);

  /// Rank 0's text, on every rank; with `ranks` only on so many first ones, who call it.
  std::string broadcast(const std::string& text, const std::string& what,
                        std::optional<int> ranks = std::nullopt);

  const Traffic& traffic() const { return traffic_; }

 private:
  void duplicate(MPI_Comm parent);
  static bool is_gone(std::int64_t process);
  void introduce();
  void meet(int rank, RankPlace place);
  void send_text(int peer, const std::string& text, const std::string& what);
  std::string receive_text(int peer, const std::string& what);
  [[noreturn]] void unreachable(int peer, int code);

  CommunicatorOptions options_;
  MPI_Comm communicator_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  bool arriving_ = true;
  bool trusted_ = true;
  int exceptions_at_start_;  ///< being destroyed with more of them in flight means unwinding
  std::vector<RankPlace> rank_map_;
  std::vector<std::pair<int, std::int64_t>>
      in_sight_;  ///< other ranks of this host that are seen: rank, process
  std::string own_host_;
  std::string coordinator_host_;
  Traffic traffic_;
};

/// Messages on their way out: nobody waits for them one by one.
class Outbox {
 public:
  /// The communicator must outlive this object.
  explicit Outbox(Communicator& communicator) : communicator_(communicator) {}

  /// As Communicator::post_send.
  void send(int peer, int tag, std::span<const std::byte> bytes, std::shared_ptr<const void> memory);
  bool empty() const { return transfers_.empty(); }
  /// Gives up what is on its way to this peer.
  void forget(int peer);

  /// Looks once at every transfer and forgets the finished ones; true when something moved.
  bool progress();

  /// Waits until all are gone; `meanwhile` (may be empty) runs between looks. Throws StallError.
  void finish(const std::string& what, const std::function<void()>& meanwhile = {});

 private:
  Communicator& communicator_;
  std::vector<Transfer> transfers_;
};

}  // namespace optex
