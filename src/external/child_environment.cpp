#include "optex/external/child_process.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

namespace optex {
namespace {

bool begins_with(std::string_view name, std::initializer_list<std::string_view> fronts) {
  return std::any_of(fronts.begin(), fronts.end(), [&](std::string_view f) { return name.starts_with(f); });
}

/// Of a parameter of Open MPI (OMPI_MCA_name, PRTE_MCA_name): its launcher wrote it for its ranks. All others
/// are the user's own settings.
bool is_of_launcher(std::string_view parameter) {
  for (const std::string_view whole : {"ess", "ess_singleton_isolated", "pmix", "initial_wdir",
                                       "mpi_oversubscribe", "shmem_RUNTIME_QUERY_hint"})
    if (parameter == whole) return true;
  if (parameter.starts_with("ess_base_")) return true;
  const bool runtime = parameter.starts_with("orte_") || parameter.starts_with("prte_");
  return runtime && begins_with(parameter.substr(5),
                                {"app_num", "bound_at_launch", "cpu_type", "daemon_", "ess_", "hnp_",
                                 "jobfam_", "launch", "local_daemon_", "num_nodes", "parent_",
                                 "precondition_transports", "proc_", "tmpdir_base", "top_"});
}

/// A launcher, or the step of Slurm that we are, left it for us and for nobody else.
bool is_left_for_us(std::string_view name) {
  for (const std::string_view front : {"OMPI_MCA_", "PRTE_MCA_"})
    if (name.starts_with(front)) return is_of_launcher(name.substr(front.size()));
  if (begins_with(name, {"OMPI_ALLOW_RUN_AS_ROOT", "PRTE_ALLOW_RUN_AS_ROOT"})) return false;
  return begins_with(name, {"OMPI_",
                            "PMIX_",
                            "PRTE_",
                            "PMI_",
                            "PMI2_",
                            "OPAL_",
                            "ORTE_",
                            "HYDI_",
                            "MPI_LOCAL",
                            "MPIR_",
                            "MV2_COMM_",
                            "SLURM_STEP",
                            "SLURM_SRUN_COMM_",
                            "SLURM_LAUNCH_NODE_",
                            "SLURM_PROCID",
                            "SLURM_LOCALID",
                            "SLURM_NODEID",
                            "SLURM_GTIDS",
                            "SLURM_TASK_PID",
                            "SLURM_CPU_BIND",
                            "SLURM_MPI_TYPE"});
}

}  // namespace

std::vector<std::string> child_environment(
    const std::vector<std::string>& ours, const std::vector<std::pair<std::string, std::string>>& additions) {
  std::vector<std::string> environment;
  for (const std::string& entry : ours) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    const bool replaced = std::any_of(additions.begin(), additions.end(),
                                      [&](const auto& addition) { return addition.first == name; });
    if (!replaced && !is_left_for_us(name)) environment.push_back(entry);
  }
  for (const auto& [name, value] : additions) environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

}  // namespace optex
