#include "optex/distributed/communicator.hpp"

#include "optex/core/errors.hpp"

#include <numeric>

#include <gmock/gmock.h>
#include <mpi.h>
#include <unistd.h>

namespace optex {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int tag = 9;
const auto nothing = [] { return std::string("nothing in particular"); };

/// Sends to the next rank, receives from the one before, `bytes` at a time.
void pass_round(Communicator& communicator, std::size_t bytes) {
  const int next = (communicator.rank() + 1) % communicator.size();
  const int before = (communicator.rank() + communicator.size() - 1) % communicator.size();
  const auto message = [bytes](int rank) {
    std::vector<std::byte> content(bytes);
    for (std::size_t i = 0; i < bytes; ++i)
      content[i] = static_cast<std::byte>(i * 7 + static_cast<std::size_t>(rank));
    return content;
  };
  const auto sent = std::make_shared<std::vector<std::byte>>(message(communicator.rank()));
  const auto received = std::make_shared<std::vector<std::byte>>(bytes);
  Transfer receive = communicator.post_receive(before, tag, *received, received);
  Transfer send = communicator.post_send(next, tag, *sent, sent);
  communicator.wait(receive, nothing);
  communicator.wait(send, nothing);
  EXPECT_EQ(*received, message(before));
}

TEST(Communicator, SpeaksOfRanksByTheirNumbersInTheJob) {
  // the leaders of workers of three ranks, from rank 6 on
  Communicator communicator(MPI_COMM_WORLD, {.stall_seconds = 60.0, .first_in_job = 6, .stride_in_job = 3});
  EXPECT_THAT(communicator.label(0), StartsWith("rank 6 ("));
  EXPECT_THAT(communicator.label(communicator.rank()),
              StartsWith("rank " + std::to_string(6 + 3 * communicator.rank()) + " ("));
  if (communicator.rank() == 0 && communicator.size() > 1) {
    EXPECT_THAT(communicator.label(1), StartsWith("rank 9 ("));
  }
}

TEST(Communicator, RanksThatLiveAreNotTakenForDead) {
  const Communicator communicator(MPI_COMM_WORLD, {.stall_seconds = 60.0});
  EXPECT_THAT(communicator.dead_ranks(), IsEmpty());
  EXPECT_EQ(communicator.dead_neighbour(), std::nullopt);
  // Everybody knows who is on its host: whoever dies, one of them can tell.
  EXPECT_THAT(communicator.label(communicator.size() - 1), HasSubstr("("));
  for (const RankPlace& place : communicator.rank_map())
    EXPECT_TRUE(place.in_sight || place.pid == ::getpid());
}

TEST(Communicator, MovesBytesInPiecesOfAnyLength) {
  for (const std::size_t limit : {1, 64, 1000, 1 << 20}) {
    Communicator communicator(MPI_COMM_WORLD, {.message_limit = limit, .stall_seconds = 60.0});
    for (const std::size_t bytes : {0, 1, 63, 64, 65, 1000, 4096}) pass_round(communicator, bytes);
  }
}

TEST(Communicator, CountsPiecesAndBytes) {
  Communicator communicator(MPI_COMM_WORLD, {.message_limit = 64, .stall_seconds = 60.0});
  const Traffic before = communicator.traffic();
  pass_round(communicator, 130);
  EXPECT_EQ(communicator.traffic().messages_sent - before.messages_sent, 3);
  EXPECT_EQ(communicator.traffic().bytes_sent - before.bytes_sent, 130);
  EXPECT_EQ(communicator.traffic().messages_received - before.messages_received, 3);
  EXPECT_EQ(communicator.traffic().bytes_received - before.bytes_received, 130);
}

TEST(Communicator, RefusesMessagesOfAnotherLength) {
  for (const std::size_t expected : {4, 16}) {
    Communicator communicator(MPI_COMM_WORLD, {.stall_seconds = 60.0});
    if (communicator.size() < 2) GTEST_SKIP() << "needs two ranks";
    if (communicator.rank() == 1) {
      const auto sent = std::make_shared<std::vector<std::byte>>(8);
      Transfer send = communicator.post_send(0, tag, *sent, sent);
      communicator.wait(send, nothing);
    } else if (communicator.rank() == 0) {
      const auto received = std::make_shared<std::vector<std::byte>>(expected);
      Transfer receive = communicator.post_receive(1, tag, *received, received);
      EXPECT_THROW(communicator.wait(receive, nothing), Error);
    }
  }
}

TEST(Communicator, KnowsWhereEverybodyRuns) {
  Communicator communicator(MPI_COMM_WORLD, {.stall_seconds = 60.0});
  EXPECT_THAT(communicator.label(communicator.rank()),
              AllOf(StartsWith("rank " + std::to_string(communicator.rank()) + " ("), HasSubstr(")")));
  EXPECT_THAT(communicator.label(0), StartsWith("rank 0 ("));
  const auto pids = communicator.gather(std::to_string(getpid()), "its process");
  if (communicator.rank() != 0) {
    EXPECT_THAT(communicator.rank_map(), IsEmpty());
    return;
  }
  ASSERT_THAT(communicator.rank_map(), SizeIs(communicator.size()));
  for (std::size_t rank = 0; rank < pids.size(); ++rank) {
    EXPECT_EQ(std::to_string(communicator.rank_map()[rank].pid), pids[rank]);
    EXPECT_FALSE(communicator.rank_map()[rank].host.empty());
  }
}

TEST(Communicator, GathersAndBroadcastsTexts) {
  Communicator communicator(MPI_COMM_WORLD, {.message_limit = 5, .stall_seconds = 60.0});
  const std::string mine(static_cast<std::size_t>(communicator.rank()) * 100, 'x');
  const auto texts = communicator.gather(mine, "its text");
  EXPECT_THAT(texts, SizeIs(communicator.rank() == 0 ? communicator.size() : 0));
  for (std::size_t rank = 0; rank < texts.size(); ++rank) EXPECT_EQ(texts[rank].size(), rank * 100);
  EXPECT_EQ(communicator.broadcast(communicator.rank() == 0 ? "from rank 0" : "not this", "the text"),
            "from rank 0");
}

TEST(Communicator, LongTextsArriveWhole) {
  Communicator communicator(MPI_COMM_WORLD, {.stall_seconds = 60.0});
  const std::string text = std::string(3 << 20, 'x') + "end";
  EXPECT_EQ(communicator.broadcast(communicator.rank() == 0 ? text : "", "the text"), text);
  const auto texts = communicator.gather(text, "its text");
  for (const std::string& theirs : texts) EXPECT_EQ(theirs, text);
}

TEST(Communicator, CopiesTheCommunicatorItIsGiven) {
  MPI_Comm reversed = MPI_COMM_NULL;
  int world_rank = 0;
  int world_size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &world_rank);
  MPI_Comm_size(MPI_COMM_WORLD, &world_size);
  MPI_Comm_split(MPI_COMM_WORLD, 0, -world_rank, &reversed);
  {
    Communicator communicator(reversed, {.stall_seconds = 60.0});
    MPI_Comm_free(&reversed);
    EXPECT_EQ(communicator.rank(), world_size - 1 - world_rank);
    pass_round(communicator, 100);
  }
}

TEST(Outbox, KeepsMessagesAliveUntilTheyAreGone) {
  Communicator communicator(MPI_COMM_WORLD, {.message_limit = 1000, .stall_seconds = 60.0});
  const int self = communicator.rank();
  constexpr std::size_t bytes = 300000;  // too long to be buffered
  std::weak_ptr<std::vector<std::byte>> watched;
  Outbox outbox(communicator);
  {
    const auto sent = std::make_shared<std::vector<std::byte>>(bytes, std::byte{42});
    watched = sent;
    outbox.send(self, tag, *sent, sent);
  }
  const auto received = std::make_shared<std::vector<std::byte>>(bytes);
  Transfer receive = communicator.post_receive(self, tag, *received, received);
  communicator.wait(receive, nothing, [&outbox] { outbox.progress(); });
  outbox.finish("nothing in particular");
  EXPECT_TRUE(outbox.empty());
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(*received, std::vector<std::byte>(bytes, std::byte{42}));
}

}  // namespace
}  // namespace optex
