#pragma once

#include "optex/core/types.hpp"
#include "optex/distributed/communicator.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace optex {

/// The memory of its numbers.
std::span<const std::byte> bytes_of(const Vector& vector);
std::span<std::byte> bytes_of(Vector& vector);

/// Numbers to another rank, and from it, which knows how many. Waits for them; `what` completes "waiting for
/// ...". Throws StallError.
void send_numbers(Communicator& communicator, int peer, int tag, Vector numbers, const std::string& what);
void receive_numbers(Communicator& communicator, int peer, int tag, VectorRef numbers,
                     const std::string& what);

/// Rank 0's numbers on every rank, of any length, which all ranks know. Called by all together; `what`
/// completes "waiting for ...". Throws StallError.
void broadcast_numbers(Communicator& communicator, VectorRef numbers, const std::string& what);

}  // namespace optex
