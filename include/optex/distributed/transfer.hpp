#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <mpi.h>

namespace optex {

/// For memory that MPI may still touch when nobody waits for it any more.
void keep_for_ever(std::shared_ptr<const void> memory);

/// One message under way to or from a peer, in as many pieces as its length needs. Shares the memory it
/// moves. Made and moved on by a Communicator. When it is dropped before it is finished, memory and requests
/// are kept until the process ends: MPI may still touch them.
class Transfer {
 public:
  Transfer() = default;
  ~Transfer();
  Transfer(Transfer&&) noexcept = default;
  Transfer& operator=(Transfer&& other) noexcept;

  bool finished() const { return next_ >= pieces_.size(); }
  int peer() const { return peer_; }

 private:
  friend class Communicator;
  struct Piece {
    MPI_Request request;
    int bytes;
  };

  void abandon() noexcept;

  std::vector<Piece> pieces_;
  std::size_t next_ = 0;  ///< first piece that is not known to be finished
  int peer_ = 0;
  bool receives_ = false;
  std::shared_ptr<const void> memory_;
};

}  // namespace optex
