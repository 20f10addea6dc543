#include "optex/report/exports.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/report/event_file.hpp"

#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "support/temporary_folder.hpp"
#include "unit/report/written_run.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The test vectors of RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
TEST(EventFile, TheChecksumIsCastagnolis) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  EXPECT_EQ(crc32c(ascending), 0x46dd794eU);
}

// Lengths, messages and checksums follow each other as tensorflow/core/lib/io/record_writer.h says, and a
// message is an Event of event.proto.
TEST(EventFile, RecordsAreFramedWithMaskedChecksums) {
  const test::TemporaryFolder folder;
  const fs::path run = fs::path(folder / "run");
  test::WrittenRun{.folder = run, .rounds = 2}.write();
  const ExportLosses losses = export_tensorboard(run, fs::path(folder / "board"));
  EXPECT_EQ(losses.lists, 1U);
  const std::string bytes = content(fs::path(folder / "board") / "events.out.tfevents.0000000000.optex");
  // Read by the format's own rules: 8 bytes of length, 4 of its checksum, the message, 4 of its checksum.
  const auto masked = [](std::uint32_t crc) { return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U; };
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint64_t length = 0;
    std::uint32_t of_length = 0, of_message = 0;
    ASSERT_LE(at + 12, bytes.size());
    std::memcpy(&length, bytes.data() + at, 8);
    std::memcpy(&of_length, bytes.data() + at + 8, 4);
    EXPECT_EQ(of_length, masked(crc32c(bytes.substr(at, 8))));
    ASSERT_LE(at + 16 + length, bytes.size());
    messages.push_back(bytes.substr(at + 12, length));
    std::memcpy(&of_message, bytes.data() + at + 12 + length, 4);
    EXPECT_EQ(of_message, masked(crc32c(messages.back())));
    at += 16 + length;
  }
  // The first says which format; then 9 numbers of "value" to "nugget" and 6 of "seconds_in" a round.
  ASSERT_GT(messages.size(), 1U);
  EXPECT_THAT(messages[0], HasSubstr("\x1a\x0d"
                                     "brain.Event:2"));
  EXPECT_EQ(messages.size(), 1U + 2U * 16U);
  // wall_time: tag 9, 8 bytes; step: tag 16, then 1; summary: tag 42 > value: tag 10 > tag: 10,
  // simple_value: 21.
  const std::string value = messages[1];
  EXPECT_EQ(value[0], 9);
  EXPECT_EQ(value.substr(9, 2), "\x10\x01");
  EXPECT_THAT(value.substr(11), HasSubstr("\x0a\x05value\x15"));
  float number = 0.0F;
  std::memcpy(&number, value.data() + value.size() - 4, 4);
  EXPECT_EQ(number, 100.0F);
}

TEST(Exports, TablesHaveAllColumnsAndRounds) {
  const test::TemporaryFolder folder;
  const fs::path run = fs::path(folder / "run");
  test::WrittenRun{.folder = run, .rounds = 2}.write();
  std::ofstream(run / "metrics.jsonl", std::ios::app)
      << R"({"iteration":3,"value":null,"quality":{"a,b":0.5}})"
      << "\nnonsense\n{\"iteration\":4";
  const ExportLosses losses = export_csv(run, fs::path(folder / "run.csv"));
  EXPECT_EQ(losses.damaged_lines, 2U);
  std::stringstream lines(content(fs::path(folder / "run.csv")));
  std::vector<std::string> rows;
  for (std::string row; std::getline(lines, row);) rows.push_back(row);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_THAT(rows[0], StartsWith("iteration,value,best_value,"));
  EXPECT_THAT(rows[0], HasSubstr("seconds_in.wait"));
  EXPECT_THAT(rows[0], HasSubstr("\"quality.a,b\""));
  EXPECT_THAT(rows[1], HasSubstr(",0 0.01 0.1,"));
  EXPECT_THAT(rows[3], StartsWith("3,,,"));
  EXPECT_THAT(rows[3], testing::EndsWith(",0.5"));

  export_json(run, fs::path(folder / "run.json"));
  const auto page = nlohmann::json::parse(content(fs::path(folder / "run.json")));
  EXPECT_EQ(page["format"], "optex-export");
  EXPECT_EQ(page["status"]["state"], "finished");
  EXPECT_EQ(page["metrics"]["iteration"].size(), 3U);
  EXPECT_TRUE(page["metrics"]["best_value"][2].is_null());
  EXPECT_EQ(page["metrics"]["quality.a,b"][2], 0.5);
  EXPECT_TRUE(page["metrics"]["quality.a,b"][0].is_null());
}

TEST(Exports, AFolderWithoutRoundsIsRefused) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(export_csv(fs::path(folder / "."), fs::path(folder / "x.csv")), UsageError);
}

}  // namespace
}  // namespace optex
