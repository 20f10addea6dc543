# shellcheck shell=bash disable=SC2034
# Source me: makes a small project around run_cluster.sh, in ./project, whose "optex" is a shell script. So the
# script's own work (set-up, launcher, signals, exit codes) is tested in seconds, whatever is built here.
set -uo pipefail
unset "${!SLURM_@}" CI OPTEX_CMAKE_FLAGS OPTEX_MPIRUN_FLAGS

mkdir -p project/cmake project/configs stubs
cp "$OPTEX_SOURCE_DIR/run_cluster.sh" project/
cp -r "$OPTEX_SOURCE_DIR/scripts" project/
cp "$OPTEX_SOURCE_DIR/cmake/debian-packages.txt" project/cmake/
# Each configuration run is counted.
cat >project/CMakeLists.txt <<'TEXT'
cmake_minimum_required(VERSION 3.25)
project(stand_in LANGUAGES NONE)
file(APPEND "${CMAKE_SOURCE_DIR}/configured.txt" "configured\n")
set(MPIEXEC_EXECUTABLE "$ENV{OPTEX_MPIEXEC}" CACHE FILEPATH "")
set(MPIEXEC_NUMPROC_FLAG "-n" CACHE STRING "")
option(OPTEX_TESTS "" ON)
add_custom_target(optex
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/bin
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/optex.sh ${CMAKE_BINARY_DIR}/bin/optex)
add_custom_target(installable DEPENDS optex)
enable_testing()
add_test(NAME nothing COMMAND ${CMAKE_COMMAND} -E true)
TEXT
cat >project/optex.sh <<'TEXT'
#!/usr/bin/env bash
# Says how it was called, then does what the configuration says: a line of shell.
# Asked for the configuration, it prints where its folder is, and CONFIG.resolved.
if [[ $1 == config ]]; then
  printf '[run]\noutput = "runs"\nname = "stand_in"\n'
  cat "${2%.toml}.resolved" 2>/dev/null
  exit 0
fi
rank=${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}
# What it leaves in its folder: as the program, a page with an id of this start.
status() { # EXIT_CODE|null ROUNDS [HOST]
  mkdir -p runs/stand_in
  printf '{\n  "iteration": %s,\n  "exit_code": %s,\n  "start_id": "%s",\n  "pid": %s,\n  "host": "%s"\n}\n' \
    "$2" "$1" "$RANDOM$RANDOM" $$ "${3:-$(uname -n)}" >runs/stand_in/status.json
}
trap '[[ $rank == 0 ]] && echo "optex: checkpointed" >&2; exit 75' USR1
trap '[[ $rank == 0 ]] && echo "optex: stopping" >&2; exit 1' TERM INT
[[ $rank != 0 ]] || echo "size ${OMPI_COMM_WORLD_SIZE:-${PMI_SIZE:-1}} arguments $*"
source "$2"
TEXT
chmod +x project/optex.sh
echo 'exit 0' >project/configs/success.toml

stub() { # NAME SCRIPT: a command that comes before the system's
  printf '#!/usr/bin/env bash\n%s\n' "$2" >"stubs/$1"
  chmod +x "stubs/$1"
}
PATH=$PWD/stubs:$PATH

# shellcheck source=tests/end_to_end/expectations.sh
source "$(dirname "${BASH_SOURCE[0]}")/expectations.sh"
