#include "optex/monitor/metrics_writer.hpp"

#include "optex/core/errors.hpp"

#include <limits>
#include <sstream>

#include "sample_round.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

using Json = nlohmann::ordered_json;
using test::read_bytes;
using test::sample_round;
using test::write_bytes;

class Metrics : public testing::Test {
 protected:
  /// The file after an uninterrupted run of so many rounds, not ended.
  std::string whole(std::int64_t rounds) const {
    const auto file = folder_ / "whole.jsonl";
    std::filesystem::remove(file);
    MetricsWriter writer(file);
    writer.on_start(sample_round(0).run);
    test::play(writer, 1, rounds);
    return read_bytes(file);
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "metrics.jsonl";
};

TEST_F(Metrics, OneLineARoundWithTheDocumentedColumns) {
  MetricsWriter writer(file_);
  writer.on_start(sample_round(0).run);
  test::play(writer, 1, 2);
  std::istringstream lines(read_bytes(file_));
  std::string text;
  std::int64_t i = 0;
  while (std::getline(lines, text)) {
    const Json line = Json::parse(text);
    std::vector<std::string> columns;
    for (const auto& [name, value] : line.items()) columns.push_back(name);
    EXPECT_THAT(columns,
                testing::ElementsAre("iteration", "version", "value", "best_value", "gradient_norm",
                                     "evaluations", "seconds", "accepted", "reach", "update", "lengthscale",
                                     "nugget", "depths", "prediction_error", "prediction_cosine",
                                     "prediction_variance", "dropped_points", "seconds_in"));
    EXPECT_EQ(line["version"], metrics_version);
    EXPECT_EQ(line["iteration"], ++i);
    EXPECT_EQ(line["value"].get<double>(), sample_round(i).report.value);  // every bit of it
    EXPECT_EQ(line["prediction_error"], Json({0.0, 0.02, 0.1}));
    EXPECT_EQ(line["seconds_in"].size(), 6U);
    EXPECT_EQ(line["seconds_in"]["wait"], 0.025);
  }
  EXPECT_EQ(i, 2);
}

TEST_F(Metrics, QualityStandsInTheRoundsThatMeasuredIt) {
  MetricsWriter writer(file_);
  writer.on_start({});
  test::play(writer, 1, 1);
  test::Round round = sample_round(2);
  round.report.quality = {{"accuracy", 0.75}, {"loss", std::numeric_limits<double>::quiet_NaN()}};
  round.report.seconds_in.quality = 0.5;
  writer.on_iteration(round.run, round.report);
  std::istringstream lines(read_bytes(file_));
  std::string text;
  std::getline(lines, text);
  EXPECT_FALSE(Json::parse(text).contains("quality"));
  std::getline(lines, text);
  const Json line = Json::parse(text);
  EXPECT_EQ(line["quality"]["accuracy"], 0.75);
  EXPECT_TRUE(line["quality"]["loss"].is_null());
  EXPECT_EQ(line["seconds_in"]["quality"], 0.5);
}

TEST_F(Metrics, WhatIsNotANumberIsNull) {
  MetricsWriter writer(file_);
  writer.on_start({});
  test::Round round = sample_round(1);
  round.report.lengthscale = std::numeric_limits<double>::quiet_NaN();
  round.report.best_value = std::numeric_limits<double>::infinity();
  writer.on_iteration(round.run, round.report);
  const Json line = Json::parse(read_bytes(file_));
  EXPECT_TRUE(line["lengthscale"].is_null());
  EXPECT_TRUE(line["best_value"].is_null());
}

TEST_F(Metrics, OnlyTheLastLineCarriesTheFinalValue) {
  MetricsWriter writer(file_);
  writer.on_start(sample_round(0).run);
  test::play(writer, 1, 3);
  writer.on_end(sample_round(3).run, test::finished());
  const std::string bytes = read_bytes(file_);
  EXPECT_THAT(bytes, testing::EndsWith(",\"final_value\":0.1}\n"));
  EXPECT_EQ(bytes.find("final_value"), bytes.rfind("final_value"));
  EXPECT_EQ(bytes.substr(0, whole(3).size() - 2), whole(3).substr(0, whole(3).size() - 2));
}

TEST_F(Metrics, ARunWithoutRoundsOrWithoutAFinalValueEnds) {
  MetricsWriter writer(file_);
  writer.on_start(sample_round(0).run);
  writer.on_end(sample_round(0).run, test::finished());
  EXPECT_EQ(read_bytes(file_), "");
  MetricsWriter again(file_);
  again.on_start(sample_round(0).run);
  test::play(again, 1, 2);
  again.on_end(sample_round(2).run, test::failed());
  EXPECT_EQ(read_bytes(file_), whole(2));
  MetricsWriter never_started(folder_ / "missing" / "metrics.jsonl");
  never_started.on_end(sample_round(0).run, test::finished());
}

// Killed in round 8 while a line was written, or ended after round 7: resumed from the checkpoint of round 5,
// the file is that of an uninterrupted run.
TEST_F(Metrics, AResumedRunContinuesTheFileOfAnUninterruptedOne) {
  const std::string seven = whole(7), eight = whole(8);
  std::vector<std::string> interrupted = {seven, "not json\n" + seven, seven + "{\"iteration\":8,\"va",
                                          seven.substr(0, seven.size() - 2) + ",\"final_value\":0.5}\n",
                                          eight.substr(0, eight.size() - 1)};
  for (const std::string& before : interrupted) {
    for (const std::int64_t from : {0, 5, 7}) {
      write_bytes(file_, before);
      MetricsWriter writer(file_);
      writer.on_start(sample_round(from).run);
      EXPECT_EQ(read_bytes(file_), whole(from));
      test::play(writer, from + 1, 9);
      EXPECT_EQ(read_bytes(file_), whole(9));
    }
  }
}

TEST_F(Metrics, AResumedRunThatIsOverAlreadyEndsItsLastLine) {
  write_bytes(file_, whole(5));
  MetricsWriter writer(file_);
  writer.on_start(sample_round(5).run);
  writer.on_end(sample_round(5).run, test::finished());
  EXPECT_THAT(read_bytes(file_), testing::EndsWith(",\"final_value\":0.1}\n"));
}

// The last line gets its final value in place: wherever that is broken off, the line is what it was.
TEST_F(Metrics, HalfOfAFinalValueCostsNoLine) {
  write_bytes(file_, whole(5));
  {
    MetricsWriter writer(file_);
    writer.on_start(sample_round(5).run);
    writer.on_end(sample_round(5).run, test::finished());
  }
  const std::string ended = read_bytes(file_), before = whole(5);
  std::vector<std::string> halves{before.substr(0, before.size() - 2), before.substr(0, before.size() - 1)};
  for (std::size_t length = 0; length <= ended.size() - before.size() + 2; ++length)
    halves.push_back(
        std::string(before).replace(before.size() - 2, length, ended.substr(before.size() - 2, length)));
  for (const std::string& half : halves) {
    write_bytes(file_, half);
    EXPECT_EQ(cut_metrics(file_, 5).kept, 5) << half;
    EXPECT_EQ(read_bytes(file_), before) << half;
  }
}

TEST_F(Metrics, AFinalValueThatTheDiskRefusesLeavesTheLineAsItWas) {
  test::ChildProcess child([&] {
    write_bytes(file_, whole(5));
    MetricsWriter writer(file_);
    writer.on_start(sample_round(5).run);
    ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit room {};
    ::getrlimit(RLIMIT_FSIZE, &room);
    const struct rlimit no_room = {whole(5).size() + 4, room.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &no_room);
    try {
      writer.on_end(sample_round(5).run, test::finished());
      return 1;
    } catch (const IoError&) {
    }
    return read_bytes(file_) == whole(5) ? 0 : 2;
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(Metrics, EveryTruncationIsTolerated) {
  const std::string three = whole(3);
  const std::size_t line = whole(1).size();
  for (std::size_t length = 0; length <= three.size(); length += 7) {
    write_bytes(file_, three.substr(0, length));
    ASSERT_EQ(cut_metrics(file_, 2).kept, length < line - 2              ? 0
                                          : length < whole(2).size() - 2 ? 1
                                                                         : 2)
        << length;
  }
}

// A line that the disk refuses is not lost: it stands before the checkpoint of its round, or that is not
// written.
TEST_F(Metrics, ALineThatTheDiskRefusedIsWrittenBeforeTheCheckpoint) {
  test::ChildProcess child([&] {
    MetricsWriter writer(file_);
    writer.on_start({});
    test::play(writer, 1, 2);
    ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit room {};
    ::getrlimit(RLIMIT_FSIZE, &room);
    const struct rlimit no_room = {whole(2).size() + 10, room.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &no_room);
    try {
      test::play(writer, 3, 3);
      return 1;
    } catch (const IoError&) {
    }
    if (read_bytes(file_) != whole(2)) return 2;  // no half of a line
    try {
      writer.make_durable();
      return 3;
    } catch (const IoError&) {
    }
    ::setrlimit(RLIMIT_FSIZE, &room);
    writer.make_durable();
    test::play(writer, 4, 4);
    return read_bytes(file_) == whole(4) ? 0 : 4;
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(Metrics, AGapIsSaidAndFilledWithWhatCheckpointsKnow) {
  const auto line = [&](std::int64_t i) { return whole(i).substr(i == 1 ? 0 : whole(i - 1).size()); };
  write_bytes(file_, line(1) + line(4) + line(5) + line(6));
  std::vector<std::string> said;
  MetricsWriter writer(
      file_, [&](const std::string& text) { said.push_back(text); },
      [](std::int64_t round) {
        return round == 3 ? std::optional(sample_round(round).run) : std::nullopt;  // its checkpoint is there
      });
  writer.on_start(sample_round(7).run);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_THAT(said.front(),
              testing::EndsWith("lines are missing: that of round 2 is lost; those of the rounds 3 "
                                "and 7 have what their checkpoints know"));
  const std::string bytes = read_bytes(file_);
  ASSERT_THAT(bytes, testing::StartsWith(line(1) + "{\"iteration\":3,"));
  ASSERT_THAT(bytes, testing::HasSubstr("}\n" + line(4) + line(5) + line(6) + "{\"iteration\":7,"));
  const std::size_t second = bytes.find("{\"iteration\":3,"), last = bytes.find("{\"iteration\":7,");
  for (const auto& [round, place] : {std::pair<std::int64_t, std::size_t>(3, second), {7, last}}) {
    const Json filled = Json::parse(bytes.substr(place, bytes.find('\n', place) - place));
    EXPECT_EQ(filled["best_value"].get<double>(), sample_round(round).run.best.value);
    EXPECT_EQ(filled["evaluations"], 4 * round);
    EXPECT_TRUE(filled["value"].is_null());
  }
  // Without a gap there is nothing to say.
  said.clear();
  MetricsWriter again(file_, [&](const std::string& text) { said.push_back(text); });
  write_bytes(file_, whole(3));
  again.on_start(sample_round(3).run);
  EXPECT_THAT(said, testing::IsEmpty());
}

TEST_F(Metrics, LinksAreNotFollowed) {
  write_bytes(folder_ / "foreign", "mine");
  std::filesystem::create_symlink(folder_ / "foreign", file_);
  MetricsWriter writer(file_);
  EXPECT_THROW(writer.on_start(sample_round(0).run), IoError);
  EXPECT_EQ(read_bytes(folder_ / "foreign"), "mine");
}

}  // namespace
}  // namespace optex
