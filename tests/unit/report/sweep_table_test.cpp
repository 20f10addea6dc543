#include "optex/report/sweep_table.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SweepTable : public testing::Test {
 protected:
  SweepTable()
      : sweep(parse_sweep("[problem]\nname = \"sphere\"\n[sweep]\n\"optimizer.learning_rate\" = [0.1, 0.2]\n"
                          "seeds = 3\n",
                          "grid.toml", {{"run.output", folder.path().string()}, {"run.name", "grid"}})) {}

  void ended(std::size_t run, const std::string& state, const std::string& final_value) {
    const std::filesystem::path home = sweep.folder / sweep.runs[run].name();
    std::filesystem::create_directories(home);
    std::ofstream(home / "status.json")
        << "{\"state\": \"" << state
        << "\", \"reason\": \"iterations\", \"iteration\": 10, \"evaluations\": 40, "
        << "\"seconds\": 2.5, \"final_value\": " << final_value << ", \"measures\": {\"accuracy\": 0.5}}";
  }

  test::TemporaryFolder folder;
  Sweep sweep;
};

TEST_F(SweepTable, EveryRunIsARowWhateverBecameOfIt) {
  ended(0, "finished", "3");
  ended(1, "failed", "null");
  std::filesystem::create_directories(sweep.folder / sweep.runs[2].name());
  std::ofstream(sweep.folder / sweep.runs[2].name() / "status.json") << "{\"state\": \"fin";
  const auto runs = gather_sweep(sweep);
  const std::string csv = sweep_csv(sweep, runs);
  EXPECT_THAT(csv, StartsWith("index,folder,optimizer.learning_rate,run.seed,state,reason,iterations,"));
  EXPECT_THAT(csv,
              HasSubstr("\n0,\"learning_rate=0.1,seed=0\",0.1,0,finished,iterations,10,40,2.5,3,,,0.5\n"));
  EXPECT_THAT(csv, HasSubstr("\n1,\"learning_rate=0.1,seed=1\",0.1,1,failed,"));
  EXPECT_THAT(csv, HasSubstr("\n2,\"learning_rate=0.1,seed=2\",0.1,2,unknown,"));
  EXPECT_THAT(csv, HasSubstr("\n5,\"learning_rate=0.2,seed=2\",0.2,2,waiting,,,,,,,,\n"));
  EXPECT_EQ(sweep_summary(runs), "6 runs: 1 finished, 1 failed, 1 unknown, 3 waiting");
}

TEST_F(SweepTable, SeedsOfOneSettingComeTogetherBestFirst) {
  ended(0, "finished", "3");
  ended(1, "finished", "1");
  ended(2, "finished", "8");
  ended(3, "finished", "2");
  ended(4, "stopped", "0");
  const auto runs = gather_sweep(sweep);
  const auto page = nlohmann::json::parse(sweep_json(sweep, runs));
  EXPECT_EQ(page["format"], "optex-sweep");
  ASSERT_EQ(page["settings"].size(), 2U);
  EXPECT_EQ(page["settings"][0]["final_value"]["median"], 3.0);
  EXPECT_EQ(page["settings"][0]["final_value"]["largest"], 8.0);
  EXPECT_EQ(page["settings"][1]["finished"], 1);
  EXPECT_EQ(page["settings"][1]["values"]["optimizer.learning_rate"], "0.2");
  EXPECT_EQ(page["runs"][5]["final_value"], nullptr);
  const std::string text = sweep_text(sweep, runs);
  EXPECT_LT(text.find("\n0.2 "), text.find("\n0.1 "));
  EXPECT_THAT(text, HasSubstr("1/3"));
  EXPECT_THAT(text, HasSubstr("finished, stopped, waiting"));
}

TEST_F(SweepTable, NothingHasRunYet) {
  const auto runs = gather_sweep(sweep);
  EXPECT_EQ(sweep_summary(runs), "6 runs: 6 waiting");
  EXPECT_THAT(sweep_text(sweep, runs), HasSubstr("0/3"));
}

}  // namespace
}  // namespace optex
