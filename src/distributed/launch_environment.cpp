#include "optex/distributed/launch_environment.hpp"

#include <cstdlib>

#include <fmt/format.h>

namespace optex {
namespace {

/// The number in a variable; 0 when it is not set or is no number.
long number(const EnvironmentLookup& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? 0 : std::strtol(value, nullptr, 10);
}

/// Copies that srun started in this job step. SLURM_NTASKS would not do: it is also set in a batch script,
/// where one copy on its own is in order.
long started_by_srun(const EnvironmentLookup& environment) {
  return number(environment, "SLURM_STEP_NUM_TASKS");
}

std::string srun_remedy(long copies) {
  return fmt::format(
      "srun started {} copies that do not know of each other; start them with srun --mpi=pmix (srun "
      "--mpi=list shows whether it is there) or with mpirun",
      copies);
}

}  // namespace

bool has_launcher(const EnvironmentLookup& environment) {
  const auto set = [&environment](const char* name) { return environment(name) != nullptr; };
  return set("OMPI_COMM_WORLD_SIZE") || set("PMIX_RANK") || set("PMI_FD");
}

std::optional<std::string> unconnectable_copies(const std::string& library,
                                                const EnvironmentLookup& environment) {
  if (!library.starts_with("Open MPI")) return std::nullopt;  // others may find each other by other means
  if (has_launcher(environment)) return std::nullopt;
  const long copies = started_by_srun(environment);
  return copies > 1 ? std::optional(srun_remedy(copies)) : std::nullopt;
}

std::optional<std::string> unconnected_copies(int world_size, const std::string& library,
                                              const EnvironmentLookup& environment) {
  if (world_size != 1) return std::nullopt;

  // Open MPI's mpirun starts one copy here and says so; what an outer srun says is about its daemons then.
  const long open_mpi = number(environment, "OMPI_COMM_WORLD_SIZE");
  if (open_mpi == 1) return std::nullopt;

  const long slurm = started_by_srun(environment);
  if (open_mpi == 0 && slurm > 1) return srun_remedy(slurm);

  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"}) {
    const long copies = number(environment, name);
    if (copies > 1)
      return fmt::format(
          "the launcher started {} copies that do not know of each other; use the mpirun that belongs to the "
          "MPI library of this program ({})",
          copies, library);
  }
  return std::nullopt;
}

}  // namespace optex
