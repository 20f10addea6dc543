#include "optex/distributed/numbers.hpp"

#include <memory>
#include <utility>

namespace optex {
namespace {

constexpr int numbers_tag = 4;

}  // namespace

std::span<const std::byte> bytes_of(const Vector& vector) {
  return std::as_bytes(std::span(vector.data(), static_cast<std::size_t>(vector.size())));
}
std::span<std::byte> bytes_of(Vector& vector) {
  return std::as_writable_bytes(std::span(vector.data(), static_cast<std::size_t>(vector.size())));
}

void send_numbers(Communicator& communicator, int peer, int tag, Vector numbers, const std::string& what) {
  const auto shared = std::make_shared<const Vector>(std::move(numbers));
  Outbox outbox(communicator);
  outbox.send(peer, tag, bytes_of(*shared), shared);
  outbox.finish(what);
}

void receive_numbers(Communicator& communicator, int peer, int tag, VectorRef numbers,
                     const std::string& what) {
  const auto arrived = std::make_shared<Vector>(numbers.size());
  Transfer transfer = communicator.post_receive(peer, tag, bytes_of(*arrived), arrived);
  communicator.wait(transfer, [&what] { return what; });
  numbers = *arrived;
}

void broadcast_numbers(Communicator& communicator, VectorRef numbers, const std::string& what) {
  if (communicator.rank() != 0) return receive_numbers(communicator, 0, numbers_tag, numbers, what);
  if (communicator.alone()) return;
  const auto copy = std::make_shared<const Vector>(numbers);
  Outbox outbox(communicator);
  for (int peer = 1; peer < communicator.size(); ++peer)
    outbox.send(peer, numbers_tag, bytes_of(*copy), copy);
  outbox.finish(what);
}

}  // namespace optex
