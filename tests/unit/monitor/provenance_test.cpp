#include "optex/monitor/provenance.hpp"

#include "optex/build_info.hpp"

#include <cstdlib>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

using nlohmann::json;

TEST(Provenance, SaysWithWhatAndWhereARunWasMade) {
  const test::TemporaryFolder folder;
  ::setenv("SLURM_JOB_ID", "42", 1);
  Provenance provenance;
  provenance.command_line = {"optex", "run", "a.toml"};
  provenance.mpi_library = "Open MPI v4.1.4";
  provenance.host_of_rank = {"n1", "n2", "n1"};
  provenance.data_hashes = {{"fashion-mnist", "00ff"}};
  write_provenance(folder / "provenance.json", provenance);
  ::unsetenv("SLURM_JOB_ID");
  const json page = json::parse(test::read_bytes(folder / "provenance.json"));
  EXPECT_EQ(page["version"], build::version);
  EXPECT_EQ(page["command_line"], json({"optex", "run", "a.toml"}));
  EXPECT_EQ(page["ranks"], 3);
  EXPECT_EQ(page["hosts"], json::parse(R"({"n1":[0,2],"n2":[1]})"));
  EXPECT_EQ(page["slurm"]["id"], "42");
  EXPECT_EQ(page["data"]["fashion-mnist"], "00ff");
  EXPECT_EQ(page["mpi_library"], "Open MPI v4.1.4");
  for (const char* name : {"cpu", "operating_system", "hdf5_library", "started", "git_commit"})
    EXPECT_FALSE(page[name].get<std::string>().empty()) << name;
  EXPECT_EQ(page["build"]["compiler"], build::compiler);
}

TEST(Provenance, KeepsWhatEarlierStartsRecorded) {
  const test::TemporaryFolder folder;
  for (const char* host : {"n1", "n2", "n3"}) {
    Provenance provenance;
    provenance.host_of_rank = {host};
    write_provenance(folder / "provenance.json", provenance);
  }
  const json page = json::parse(test::read_bytes(folder / "provenance.json"));
  EXPECT_TRUE(page["hosts"].contains("n3"));
  ASSERT_EQ(page["earlier"].size(), 2U);
  EXPECT_TRUE(page["earlier"][0]["hosts"].contains("n1"));
  EXPECT_TRUE(page["earlier"][1]["hosts"].contains("n2"));
  EXPECT_FALSE(page["earlier"][1].contains("earlier"));
}

}  // namespace
}  // namespace optex
