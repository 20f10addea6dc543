# shellcheck shell=bash
# Source me: settings for MPI that the user has not made. None of them changes numbers.

set_default() { # NAME VALUE
  [[ -n ${!1+set} ]] || export "$1=$2"
}

# Open MPI refuses to run as root without these; in a container root is the normal user.
allow_root() {
  set_default OMPI_ALLOW_RUN_AS_ROOT 1
  set_default OMPI_ALLOW_RUN_AS_ROOT_CONFIRM 1
  set_default PRTE_ALLOW_RUN_AS_ROOT 1 # Open MPI 5
  set_default PRTE_ALLOW_RUN_AS_ROOT_CONFIRM 1
}

no_binding() {
  set_default OMPI_MCA_hwloc_base_binding_policy none
  set_default PRTE_MCA_hwloc_default_binding_policy none
}

# All ranks on this machine, however many: more ranks than cores are allowed, ranks that wait give way to ranks that
# work, nobody is bound (two jobs would share their first cores), and no network is needed.
one_machine() {
  no_binding
  set_default OMPI_MCA_rmaps_base_oversubscribe 1
  set_default PRTE_MCA_rmaps_default_mapping_policy :oversubscribe
  set_default OMPI_MCA_mpi_yield_when_idle 1
  set_default OMPI_MCA_btl_tcp_if_include lo
  set_default OMPI_MCA_oob_tcp_if_include lo
  set_default OMPI_MCA_pml ob1 # looking for networks takes 0.2 s of each start
  set_default HYDRA_IFACE lo # MPICH
  # Containers usually forbid to read another process's memory, and Open MPI would try for every message.
  if grep -qs '^Seccomp:[[:space:]]*2' /proc/self/status; then
    set_default OMPI_MCA_btl_vader_single_copy_mechanism none
    set_default OMPI_MCA_btl_sm_single_copy_mechanism none # Open MPI 5
  fi
}
