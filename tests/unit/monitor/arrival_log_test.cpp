#include "optex/monitor/arrival_log.hpp"

#include "optex/monitor/event_log.hpp"

#include "sample_round.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace optex {
namespace {

using ::testing::HasSubstr;

TEST(ArrivalLog, ReadsWhatTheEventLogWrote) {
  const test::TemporaryFolder folder;
  const auto file = folder / "events.jsonl";
  const Arrivals first{0, 1, {0}, {}, {}};
  const Arrivals second{1, 4, {0, 1, 3}, {{0, 2}, {0, 3}}, {{1, 3}}};
  {
    EventLog log(file);
    log.on_start(test::sample_round(0).run);
    log.record(first);
    log.record("checkpoint", "round 1");
    log.record(second);
  }
  const ArrivalLog log = read_arrival_log(file);
  EXPECT_EQ(log.rounds, (std::map<std::int64_t, Arrivals>{{0, first}, {1, second}}));
  EXPECT_EQ(log.replays, "");
  const std::string text = test::read_bytes(file);
  EXPECT_THAT(text, HasSubstr("round 2 closed with 3 of 4 points, 2 late gradients came"));
  EXPECT_THAT(text,
              HasSubstr(R"("round":2,"points":4,"arrived":[0,1,3],"late":[[1,2],[1,3]],"failed":[[2,3]])"));
}

TEST(ArrivalLog, AResumeTakesBackWhatCameAfter) {
  const test::TemporaryFolder folder;
  const auto file = folder / "events.jsonl";
  {
    EventLog log(file);
    for (std::int64_t round = 0; round < 6; ++round) log.record(Arrivals{round, 3, {0, 1, 2}, {}, {}});
  }
  test::write_bytes(file,
                    test::read_bytes(file) + R"({"kind":"quorum","round":7,"poi)");  // killed while writing
  {
    EventLog log(file);
    for (std::int64_t round = 3; round < 5; ++round) log.record(Arrivals{round, 3, {0, 1}, {}, {}});
  }
  const ArrivalLog log = read_arrival_log(file);
  ASSERT_EQ(log.rounds.size(), 5U);
  EXPECT_EQ(log.rounds.at(2).arrived.size(), 3U);
  EXPECT_EQ(log.rounds.at(4).arrived.size(), 2U);
}

TEST(ArrivalLog, PassesOverWhatItDoesNotKnow) {
  const test::TemporaryFolder folder;
  const auto file = folder / "events.jsonl";
  EXPECT_TRUE(read_arrival_log(file).rounds.empty());
  test::write_bytes(file,
                    "[1]\nnull\n{}\n{\"kind\":3}\n{\"kind\":\"quorum\"}\n"
                    R"({"kind":"quorum","round":"x","points":1,"arrived":[0],"late":[],"failed":[]})"
                    "\n"
                    R"({"kind":"quorum","round":2,"points":1,"arrived":[0],"late":[3],"failed":[]})"
                    "\n");
  EXPECT_TRUE(read_arrival_log(file).rounds.empty());
  EventLog(file).record_replay("runs/other");
  EXPECT_EQ(read_arrival_log(file).replays, "runs/other");
  // Nobody waits for a pipe that somebody put there.
  std::filesystem::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_TRUE(read_arrival_log(file).rounds.empty());
}

}  // namespace
}  // namespace optex
