#include "optex/distributed/launch_environment.hpp"

#include <map>

#include <gmock/gmock.h>

namespace optex {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

using Environment = std::map<std::string, std::string>;

EnvironmentLookup in(const Environment& environment) {
  return [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
}

std::optional<std::string> trap(int world_size, const Environment& environment) {
  return unconnected_copies(world_size, "Open MPI v4.1.4", in(environment));
}

TEST(UnconnectableCopies, OpenMpiUnderSrunNeedsPmix) {
  Environment environment{{"SLURM_STEP_NUM_TASKS", "4"}};
  EXPECT_THAT(unconnectable_copies("Open MPI v4.1.4", in(environment)),
              Optional(AllOf(HasSubstr("4 copies"), HasSubstr("srun --mpi=pmix"))));
  EXPECT_EQ(unconnectable_copies("MPICH Version: 4.0.2", in(environment)), std::nullopt);
  for (const char* connected_by : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_FD"}) {
    Environment connected = environment;
    connected[connected_by] = "0";
    EXPECT_EQ(unconnectable_copies("Open MPI v4.1.4", in(connected)), std::nullopt);
  }
  environment["SLURM_STEP_NUM_TASKS"] = "1";
  EXPECT_EQ(unconnectable_copies("Open MPI v4.1.4", in(environment)), std::nullopt);
  EXPECT_EQ(unconnectable_copies("Open MPI v4.1.4", in({})), std::nullopt);
}

TEST(UnconnectedCopies, AProgramOnItsOwnIsFine) { EXPECT_EQ(trap(1, {}), std::nullopt); }

TEST(UnconnectedCopies, ConnectedRanksAreFine) {
  EXPECT_EQ(trap(4, {{"OMPI_COMM_WORLD_SIZE", "4"}}), std::nullopt);
  EXPECT_EQ(trap(4, {{"SLURM_STEP_NUM_TASKS", "4"}}), std::nullopt);
  EXPECT_EQ(trap(4, {{"PMI_SIZE", "4"}}), std::nullopt);
}

TEST(UnconnectedCopies, SrunWithoutPmixIsNoticedWithTheRemedy) {
  EXPECT_THAT(trap(1, {{"SLURM_STEP_NUM_TASKS", "4"}}),
              Optional(AllOf(HasSubstr("4 copies"), HasSubstr("srun --mpi=pmix"), HasSubstr("mpirun"))));
}

TEST(UnconnectedCopies, SrunOfOneTaskIsFine) {
  EXPECT_EQ(trap(1, {{"SLURM_STEP_NUM_TASKS", "1"}, {"SLURM_NTASKS", "1"}}), std::nullopt);
}

TEST(UnconnectedCopies, OneCopyInABatchScriptIsFine) {
  EXPECT_EQ(trap(1, {{"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}}), std::nullopt);
}

TEST(UnconnectedCopies, OneRankUnderMpirunIsFineEvenThoughSrunStartedItsDaemons) {
  EXPECT_EQ(trap(1, {{"OMPI_COMM_WORLD_SIZE", "1"}, {"SLURM_STEP_NUM_TASKS", "4"}}), std::nullopt);
}

TEST(UnconnectedCopies, AnotherLibrarysMpirunIsNoticed) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"})
    EXPECT_THAT(trap(1, {{name, "3"}}), Optional(AllOf(HasSubstr("3 copies"), HasSubstr("Open MPI v4.1.4"))));
}

TEST(UnconnectedCopies, NonsenseInVariablesIsNotHeldAgainstTheUser) {
  EXPECT_EQ(trap(1, {{"SLURM_STEP_NUM_TASKS", "many"}, {"PMI_SIZE", ""}}), std::nullopt);
}

}  // namespace
}  // namespace optex
