#include "optex/monitor/event_log.hpp"

#include "optex/core/errors.hpp"

#include <sstream>

#include "sample_round.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/syscall.h>
#include <unistd.h>

namespace {
int syncs = 0;
}
/// In place of libc's, which this program then does not use.
extern "C" int fsync(int descriptor) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace optex {
namespace {

std::vector<std::string> kinds_in(const std::filesystem::path& file) {
  std::vector<std::string> kinds;
  std::istringstream lines(test::read_bytes(file));
  std::string text;
  while (std::getline(lines, text)) {
    const auto line = nlohmann::json::parse(text, nullptr, false);
    kinds.push_back(line.is_object() && line.contains("time") && line.contains("text") ? line["kind"]
                                                                                       : "broken");
  }
  return kinds;
}

TEST(EventLog, GrowsOverAllStarts) {
  const test::TemporaryFolder folder;
  const auto file = folder / "events.jsonl";
  {
    EventLog log(file);
    log.on_start(test::sample_round(0).run);
    log.record("checkpoint", "round 10");
    log.on_end(test::sample_round(10).run, test::stopped());
  }
  test::write_bytes(file, test::read_bytes(file) + "{\"time\":\"20");  // killed while writing
  {
    EventLog log(file);
    log.record("fall-back", "damaged");
    log.on_start(test::sample_round(10).run);
    log.on_end(test::sample_round(20).run, test::finished());
  }
  EXPECT_THAT(kinds_in(file),
              testing::ElementsAre("start", "checkpoint", "end", "broken", "fall-back", "resume", "end"));
}

TEST(EventLog, RoundsAreForcedToDiskWhenACheckpointNeedsThem) {
  const test::TemporaryFolder folder;
  EventLog log(folder / "events.jsonl");
  syncs = 0;
  log.record("warning", "of no use to a replay");
  log.make_rounds_durable();
  EXPECT_EQ(syncs, 0);
  log.record(Arrivals{.iteration = 0, .submitted = 4, .arrived = {0, 1, 2}, .late = {}, .failed = {}});
  log.record(Arrivals{.iteration = 1, .submitted = 4, .arrived = {0, 1, 3}, .late = {}, .failed = {}});
  EXPECT_EQ(syncs, 0);  // not line by line
  log.make_rounds_durable();
  EXPECT_EQ(syncs, 1);
  log.make_rounds_durable();
  EXPECT_EQ(syncs, 1);
}

TEST(EventLog, LinksAreNotFollowed) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "foreign", "mine");
  std::filesystem::create_symlink(folder / "foreign", folder / "events.jsonl");
  EXPECT_THROW(EventLog(folder / "events.jsonl"), IoError);
  EXPECT_EQ(test::read_bytes(folder / "foreign"), "mine");
}

}  // namespace
}  // namespace optex
