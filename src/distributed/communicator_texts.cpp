// Both halves of the exchange of short texts: gather, broadcast, and the introduction of the ranks to each
// other.
#include "optex/core/errors.hpp"
#include "optex/distributed/communicator.hpp"

#include <charconv>
#include <csignal>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace optex {
namespace {

constexpr int text_tag = 1;
constexpr std::uint64_t text_magic = 0x6f70746578747874U;
constexpr std::uint64_t longest_text = std::uint64_t{64} << 20U;  // bounds what a garbled length can allocate

struct TextHeader {
  std::uint64_t magic = text_magic;
  std::uint64_t bytes = 0;
};

}  // namespace

void Communicator::send_text(int peer, const std::string& text, const std::string& what) {
  if (text.size() > longest_text)
    throw Error(ExitCode::internal,
                fmt::format("{}: a text of {} bytes, more than the {} that ranks exchange", what, text.size(),
                            longest_text));
  const auto header = std::make_shared<TextHeader>();
  const auto body = std::make_shared<const std::string>(text);
  header->bytes = body->size();
  Outbox outbox(*this);
  outbox.send(peer, text_tag, std::as_bytes(std::span(header.get(), 1)), header);
  outbox.send(peer, text_tag, std::as_bytes(std::span(*body)), body);
  outbox.finish(what);
}

std::string Communicator::receive_text(int peer, const std::string& what) {
  const auto description = [&what] { return what; };
  const auto header = std::make_shared<TextHeader>();
  Transfer transfer =
      post_receive(peer, text_tag, std::as_writable_bytes(std::span(header.get(), 1)), header);
  wait(transfer, description);
  if (header->magic != text_magic || header->bytes > longest_text) {
    distrust();
    throw Error(ExitCode::internal,
                fmt::format("{} sent garbage; do all ranks run the same program?", label(peer)));
  }
  const auto body = std::make_shared<std::string>(header->bytes, '\0');
  transfer = post_receive(peer, text_tag, std::as_writable_bytes(std::span(*body)), body);
  wait(transfer, description);
  return *body;
}

std::vector<std::string> Communicator::gather(const std::string& mine, const std::string& what) {
  if (rank_ != 0) {
    send_text(0, mine, what);
    return {};
  }
  std::vector<std::string> texts{mine};
  for (int peer = 1; peer < size_; ++peer) texts.push_back(receive_text(peer, what));
  return texts;
}

std::string Communicator::broadcast(const std::string& text, const std::string& what,
                                    std::optional<int> ranks) {
  if (rank_ != 0) return receive_text(0, what);
  for (int peer = 1; peer < ranks.value_or(size_); ++peer) send_text(peer, text, what);
  return text;
}

namespace {

/// "NUMBER TEXT"
std::pair<std::int64_t, std::string> numbered(const std::string& line) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ' ')
    throw Error(ExitCode::internal, fmt::format("a rank introduced itself as \"{}\"", line));
  return {number, {end + 1, line.data() + line.size()}};
}

}  // namespace

void Communicator::meet(int rank, RankPlace place) {
  place.in_sight = place.host == own_host_ && place.pid > 1 && kill(static_cast<pid_t>(place.pid), 0) == 0;
  if (place.in_sight && rank != rank_) in_sight_.emplace_back(rank, place.pid);
  if (rank_ == 0) rank_map_.push_back(std::move(place));
}

/// Rank 0 hears of everybody; the others of rank 0's host and of who is on their own.
void Communicator::introduce() {
  const std::string what = "its introduction at start-up";
  const std::vector<std::string> lines = gather(fmt::format("{} {}", getpid(), own_host_), what);
  if (rank_ != 0) {
    std::istringstream heard(receive_text(0, what));
    std::getline(heard, coordinator_host_);
    for (std::string line; std::getline(heard, line);) {
      const auto [rank, rest] = numbered(line);
      meet(static_cast<int>(rank), {own_host_, numbered(rest).first});
    }
    return;
  }
  std::map<std::string, std::string> on_host;
  for (int rank = 0; rank < size_; ++rank) {
    auto [pid, host] = numbered(lines[static_cast<std::size_t>(rank)]);
    on_host[host] += fmt::format("{} {} here\n", rank, pid);
    meet(rank, {std::move(host), pid});
  }
  coordinator_host_ = own_host_;
  for (int peer = 1; peer < size_; ++peer)
    send_text(peer, fmt::format("{}\n{}", own_host_, on_host[rank_map_[static_cast<std::size_t>(peer)].host]),
              what);
}

}  // namespace optex
