#include "optex/external/child_process.hpp"

#include "optex/core/errors.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace optex {
namespace {

using testing::ElementsAre;

ChildProcess::Clock::time_point soon() { return ChildProcess::Clock::now() + std::chrono::seconds(60); }

/// What a shell command writes to its connection; a shell only here, so that the test can be written down.
std::string said_by(const std::string& script, std::size_t length,
                    const std::vector<std::pair<std::string, std::string>>& environment = {}) {
  ChildProcess child({OPTEX_TEST_ON_DESCRIPTOR_4, "/bin/sh", "-c", script}, "/", environment);
  std::string text(length, '\0');
  child.receive(std::as_writable_bytes(std::span(text.data(), text.size())), soon());
  return text;
}

bool is_gone(pid_t process) { return kill(process, 0) != 0 && errno == ESRCH; }

TEST(ChildEnvironment, LosesWhatALauncherLeftAndTakesAdditions) {
  EXPECT_THAT(
      child_environment({"PATH=/bin", "OMPI_COMM_WORLD_RANK=3", "PMIX_RANK=3", "PMI_RANK=1", "PRTE_X=1",
                         "OPTEX_WORKER=7", "OMPI_ALLOW_RUN_AS_ROOT=1", "HOME=/h", "EMPTY="},
                        {{"OPTEX_WORKER", "2"}}),
      ElementsAre("PATH=/bin", "OMPI_ALLOW_RUN_AS_ROOT=1", "HOME=/h", "EMPTY=", "OPTEX_WORKER=2"));
}

TEST(ChildEnvironment, LosesTheStepOfSlurmAndKeepsTheJob) {
  EXPECT_THAT(
      child_environment({"SLURM_JOB_ID=1", "SLURM_STEP_ID=0", "SLURM_STEPID=0", "SLURM_STEP_NODELIST=n",
                         "SLURM_PROCID=1", "SLURM_LOCALID=1", "SLURM_SRUN_COMM_PORT=4",
                         "SLURM_CPU_BIND_TYPE=mask_cpu:", "SLURM_JOB_NODELIST=n"},
                        {}),
      ElementsAre("SLURM_JOB_ID=1", "SLURM_JOB_NODELIST=n"));
}

TEST(ChildEnvironment, KeepsWhatTheUserHasSetHimself) {
  EXPECT_THAT(
      child_environment(
          {"OMPI_MCA_btl=self", "OMPI_MCA_ess=^singleton", "OMPI_MCA_ess_base_jobid=1",
           "OMPI_MCA_orte_hnp_uri=1", "OMPI_MCA_orte_keep_fqdn_hostnames=1", "OMPI_MCA_pmix=^s1",
           "OMPI_MCA_pml=ucx", "OMPI_MCA_orte_num_nodes=1", "PRTE_MCA_rmaps_default_mapping_policy=x",
           "OMPI_MCA_initial_wdir=/x", "HYDRA_IFACE=lo", "PRTE_ALLOW_RUN_AS_ROOT=1"},
          {}),
      ElementsAre("OMPI_MCA_btl=self", "OMPI_MCA_orte_keep_fqdn_hostnames=1", "OMPI_MCA_pml=ucx",
                  "PRTE_MCA_rmaps_default_mapping_policy=x", "HYDRA_IFACE=lo", "PRTE_ALLOW_RUN_AS_ROOT=1"));
}

TEST(ChildProcess, RunsInItsFolderWithItsEnvironment) {
  EXPECT_EQ(said_by("echo $PWD $THE_ADDITION >&4", 10, {{"THE_ADDITION", "as told"}}), "/ as told\n");
}

TEST(ChildProcess, HasOnlyItsOwnDescriptors) {
  const int ours = open("/dev/null", O_RDONLY);                          // inheritable
  EXPECT_EQ(said_by("ls /proc/self/fd | tr -d '\\n' >&4", 5), "01234");  // 3: ls looks at the folder
  close(ours);
}

TEST(ChildProcess, EndsWithThisObjectTogetherWithItsOwnChildren) {
  // The grandchild tells its number and ignores TERM.
  pid_t process = 0;
  pid_t grandchild = 0;
  {
    ChildProcess child(
        {OPTEX_TEST_ON_DESCRIPTOR_4, "/bin/sh", "-c", "trap '' TERM; sleep 1000 & printf '%8d' $! >&4; wait"},
        "/", {});
    process = child.pid();
    std::string text(8, ' ');
    child.receive(std::as_writable_bytes(std::span(text.data(), text.size())), soon());
    grandchild = std::stoi(text);
    EXPECT_FALSE(is_gone(grandchild));
  }
  EXPECT_TRUE(is_gone(process));
  for (int i = 0; i < 1000 && !is_gone(grandchild); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(is_gone(grandchild));
}

TEST(ChildProcess, EndsWithAParentThatIsKilledTogetherWithItsOwnChildren) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {  // a rank whose child is busy, and both that and the grandchild ignore TERM
    ChildProcess child(
        {OPTEX_TEST_ON_DESCRIPTOR_4, "/bin/sh", "-c", "trap '' TERM; sleep 1000 & printf '%8d' $! >&4; wait"},
        "/", {});
    std::string text(8, ' ');
    child.receive(std::as_writable_bytes(std::span(text.data(), text.size())), soon());
    const std::array<pid_t, 2> numbers{child.pid(), std::stoi(text)};
    if (write(pipe_ends[1], numbers.data(), sizeof numbers) == sizeof numbers) pause();
    _exit(1);
  }
  std::array<pid_t, 2> numbers{};
  ASSERT_EQ(read(pipe_ends[0], numbers.data(), sizeof numbers), static_cast<ssize_t>(sizeof numbers));
  for (const pid_t process : numbers) EXPECT_FALSE(is_gone(process));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  for (const pid_t process : numbers) {
    for (int i = 0; i < 2000 && !is_gone(process); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(is_gone(process));
    kill(process, SIGKILL);
  }
  for (const int end : pipe_ends) close(end);
}

TEST(ChildProcess, WritingToOneThatIsGoneIsAnErrorAndNoSignal) {
  ChildProcess child({OPTEX_TEST_ON_DESCRIPTOR_4, "/bin/sh", "-c", "exit 5"}, "/", {});
  const std::string text(1 << 22, 'x');
  try {
    // The connection's buffers may take some of it before the child is gone.
    for (;;) child.send(std::as_bytes(std::span(text.data(), text.size())), soon());
  } catch (const EvaluationError& error) {
    EXPECT_THAT(error.what(), testing::EndsWith("/bin/sh -c exit 5' ended with exit code 5"));
  }
}

TEST(ChildProcess, ItsEndIsNoticedThoughAnotherProcessHoldsTheConnection) {
  ChildProcess child({OPTEX_TEST_ON_DESCRIPTOR_4, "/bin/sh", "-c", "sleep 1000 & exit 6"}, "/", {});
  std::array<std::byte, 1> one{};
  try {
    child.receive(one, soon());
    FAIL();
  } catch (const EvaluationError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("ended with exit code 6"));
  }
}

}  // namespace
}  // namespace optex
