#include "optex/distributed/numbers.hpp"

#include <memory>
#include <span>

namespace optex {
namespace {

constexpr int numbers_tag = 4;

}  // namespace

void broadcast_numbers(Communicator& communicator, VectorRef numbers, const std::string& what) {
  const auto size = static_cast<std::size_t>(numbers.size());
  if (communicator.rank() == 0) {
    if (communicator.alone()) return;
    const auto copy = std::make_shared<const Vector>(numbers);
    Outbox outbox(communicator);
    for (int peer = 1; peer < communicator.size(); ++peer)
      outbox.send(peer, numbers_tag, std::as_bytes(std::span(copy->data(), size)), copy);
    outbox.finish(what);
    return;
  }
  const auto arrived = std::make_shared<Vector>(numbers.size());
  Transfer transfer = communicator.post_receive(
      0, numbers_tag, std::as_writable_bytes(std::span(arrived->data(), size)), arrived);
  communicator.wait(transfer, [&what] { return what; });
  numbers = *arrived;
}

}  // namespace optex
