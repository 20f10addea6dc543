#include "optex/distributed/transfer.hpp"

#include <utility>

namespace optex {

void keep_for_ever(std::shared_ptr<const void> memory) {
  // Reachable to the end and beyond, so that leak checkers know it is meant.
  static auto* const kept = new std::vector<std::shared_ptr<const void>>;
  kept->push_back(std::move(memory));
}

Transfer::~Transfer() { abandon(); }

Transfer& Transfer::operator=(Transfer&& other) noexcept {
  if (this == &other) return *this;
  abandon();
  pieces_ = std::move(other.pieces_);
  next_ = std::exchange(other.next_, 0);
  peer_ = other.peer_;
  receives_ = other.receives_;
  memory_ = std::move(other.memory_);
  other.pieces_.clear();
  return *this;
}

void Transfer::abandon() noexcept {
  if (finished()) return;
  if (receives_)
    for (std::size_t i = next_; i < pieces_.size(); ++i)
      if (pieces_[i].request != MPI_REQUEST_NULL) MPI_Cancel(&pieces_[i].request);
  keep_for_ever(std::make_shared<const std::vector<Piece>>(std::move(pieces_)));
  keep_for_ever(std::move(memory_));
  pieces_.clear();
  next_ = 0;
}

}  // namespace optex
