#!/usr/bin/env bash
#SBATCH --job-name=optex
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#
# Sets everything up and runs one experiment on all cores, or on all of a Slurm job.

usage() {
  cat <<'TEXT'
Usage: ./run_cluster.sh [--yes] [--ranks P] [--restarts N] CONFIG [--section.key=value ...] [-o DIR]
                        [--resume | --force] [--dry-run]
       ./run_cluster.sh [--yes] --setup
       sbatch [-N NODES] [-n RANKS] run_cluster.sh CONFIG ...

The first start installs what is missing (Debian packages; it asks) and builds the program in build/release; the next
ones find that done. Then CONFIG is run under mpirun, on all cores unless --ranks says otherwise, and everything else
on the command line goes to 'optex run'. Exit codes are those of optex ('build/release/bin/optex --help'); 8 also
when something that the build needs is missing.

  --yes         install without asking
  --ranks P     so many processes
  --restarts N  when a rank was lost (exit code 7), start again from the last checkpoint, at most N times; and under Slurm
                put the job back into the queue although N starts in a row finished no round; default 0
  --setup       install and build only, for instance on a login node before the first sbatch

Under Slurm nothing is installed. Two minutes before the time limit the run is checkpointed and put back into the
queue, where it goes on from there.

TERM and Ctrl-C are passed on once: the run is saved and ends with 75. A rank that dies ends it with 7.

Environment: OPTEX_CMAKE_FLAGS (options for CMake, e.g. -DMPI_C_COMPILER=...), OPTEX_MPIRUN_FLAGS (for mpirun).
TEXT
}

set -uo pipefail

# sbatch runs a copy of this file from its own spool folder.
find_root() {
  local here original
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  if [[ -n ${SLURM_JOB_ID:-} ]] && command -v scontrol >/dev/null; then
    original=$(scontrol show job "$SLURM_JOB_ID" 2>/dev/null | sed -n 's/^ *Command=\([^ ]*\).*/\1/p')
  fi
  for folder in "$here" "$(dirname "${original:-/}")" "${SLURM_SUBMIT_DIR:-/}"; do
    if [[ -e $folder/scripts/setup.sh && -e $folder/CMakeLists.txt ]]; then
      (cd "$folder" && pwd -P)
      return
    fi
  done
  echo "run_cluster.sh: error: cannot find the project: submit from its folder (looked in $here, ${SLURM_SUBMIT_DIR:-})" >&2
  return 8
}
optex_root=$(find_root) || exit
# shellcheck source=scripts/setup.sh
source "$optex_root/scripts/setup.sh"
# shellcheck source=scripts/supervise.sh
source "$optex_root/scripts/supervise.sh"
program_name=run_cluster.sh

# ---- the command line: ours, and the rest for optex -----------------------------------------------------------
assume_yes=0
ranks=all
restarts=0
setup_only=0
config=""
arguments=()
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    -y | --yes) assume_yes=1 ;;
    --setup) setup_only=1 ;;
    --ranks) [[ $# -ge 2 ]] || fail 2 "--ranks needs a number" && ranks=$2 && shift ;;
    --ranks=*) ranks=${1#*=} ;;
    --restarts) [[ $# -ge 2 ]] || fail 2 "--restarts needs a number" && restarts=$2 && shift ;;
    --restarts=*) restarts=${1#*=} ;;
    -o | --output) [[ $# -ge 2 ]] || fail 2 "$1 needs a folder" && arguments+=("$1" "$2") && shift ;;
    -*) arguments+=("$1") ;;
    *)
      [[ -z $config ]] || fail 2 "one CONFIG only: '$config' or '$1'?"
      config=$1
      ;;
  esac
  shift
done
[[ $ranks == all || $ranks =~ ^[1-9][0-9]*$ ]] || fail 2 "--ranks must be a whole number from 1, not '$ranks'"
[[ $restarts =~ ^[0-9]{1,6}$ ]] || fail 2 "--restarts must be a whole number, not '$restarts'"
if ((!setup_only)); then
  [[ -n $config ]] || { usage >&2 && fail 2 "missing CONFIG, e.g. configs/fashion_mnist_softmax.toml"; }
  [[ -r $config ]] || fail 2 "$config: no such file"
fi

# The configuration's own word, or the default of the problems that learn from data.
uses_fashion_mnist() {
  local argument source="" problem=""
  source=$(sed -nE "s/^[^#]*\\bsource[[:space:]]*=[[:space:]]*[\"']([^\"']*)[\"'].*/\\1/p" "$config" | tail -n 1)
  problem=$(grep -Eo "^[^#]*\\bname[[:space:]]*=[[:space:]]*[\"'](softmax|mlp)[\"']" "$config")
  for argument in "${arguments[@]}"; do
    case $argument in
      --data.source=*) source=${argument#*=} ;;
      --problem.name=*) problem=$(grep -oE "softmax|mlp" <<<"$argument") ;;
    esac
  done
  [[ $source == fashion-mnist || (-z $source && -n $problem) ]]
}

# ---- set-up ---------------------------------------------------------------------------------------------------
build_folder=$optex_root/build/release
cache=$build_folder/CMakeCache.txt

set_up() {
  local data="" tests=()
  if ((!setup_only)) && fashion_mnist_missing && uses_fashion_mnist; then
    data=data
  fi
  # A folder that somebody configured keeps its tests; a new one has none until tests/run asks for them.
  [[ -e $cache && ! -e $build_folder/.failed ]] || tests=(-DOPTEX_TESTS=OFF)
  prepare "$build_folder" "$(purposes_to_build)" "$data" "${tests[@]}"
  build "$build_folder" optex installable
}

launcher=""  # its process
signalled=0
wanted=0 # somebody asked for the end
forward() { # SIGNAL
  signalled=1
  wanted=1
  [[ -z $launcher ]] || kill -s "$1" "$launcher" 2>/dev/null
}
# For the run, when it has begun: watch_launcher hands them on.
held_signals=$(mktemp)
hold() { # SIGNAL
  signalled=1
  [[ $1 == USR2 ]] || wanted=1
  echo "$1" >>"$held_signals"
}
trap 'hold USR1' USR1
trap 'hold USR2' USR2
trap 'rm -f "$held_signals"' EXIT

with_build_lock "$build_folder" set_up
optex=$build_folder/bin/optex
if ((setup_only)); then
  say "Ready: $optex"
  python_folder=$build_folder/share/optex/python
  if compgen -G "$python_folder/optex/_core*.so" >/dev/null; then
    say "For import optex:  export PYTHONPATH=$python_folder\${PYTHONPATH:+:\$PYTHONPATH}"
  else
    say "Without optex.minimize: install pybind11 and Python's headers (Debian: pybind11-dev python3-dev python3-numpy), and call again"
  fi
  exit 0
fi
((!signalled)) || fail 75 "the time limit came before the run could start: build first (--setup) or ask for more time"

# ---- how many ranks, and how they are launched ----------------------------------------------------------------
cached() { sed -n "s/^$1:[A-Z]*=//p" "$cache"; }

# "2(x3),1" -> 7
slurm_tasks() {
  local part total=0
  for part in ${SLURM_TASKS_PER_NODE//,/ }; do
    if [[ $part =~ ^([0-9]+)\(x([0-9]+)\)$ ]]; then
      total=$((total + BASH_REMATCH[1] * BASH_REMATCH[2]))
    else
      total=$((total + part))
    fi
  done
  echo "$total"
}

# Two hardware threads of one core share what the gradients are computed with: one rank a core.
local_ranks() {
  local threads cores
  threads=$(available_cores)
  cores=$(lscpu -p=CORE,SOCKET 2>/dev/null | grep -v '^#' | sort -u | wc -l)
  if ((cores >= 1 && cores < threads)); then echo "$cores"; else echo "$threads"; fi
}

# shellcheck source=scripts/mpi_environment.sh
source "$optex_root/scripts/mpi_environment.sh"
allow_root
if [[ -n ${SLURM_JOB_ID:-} ]]; then
  [[ $ranks != all ]] || ranks=${SLURM_NTASKS:-$(slurm_tasks)}
  # Several cores a rank are for its threads, which the launcher would otherwise bind to one.
  ((${SLURM_CPUS_PER_TASK:-1} == 1)) || no_binding
else
  [[ $ranks != all ]] || ranks=$(local_ranks)
  one_machine
fi

if [[ $(cached OPTEX_MPI) == OFF ]]; then
  ((ranks == 1)) || say "$program_name: built without MPI: one process instead of $ranks"
  command=("$optex" run)
else
  read -r -a flags <<<"${OPTEX_MPIRUN_FLAGS:-}"
  command=("$(cached MPIEXEC_EXECUTABLE)" "$(cached MPIEXEC_NUMPROC_FLAG)" "$ranks" "${flags[@]}" "$optex" run)
fi

go_on_from_checkpoint() {
  local index
  for index in "${!arguments[@]}"; do
    case ${arguments[index]} in --force | --resume) unset "arguments[index]" ;; esac
  done
  arguments+=(--resume)
}
# A job that Slurm started again goes on where it was, whatever was asked for at first.
((${SLURM_RESTART_COUNT:-0} == 0)) || go_on_from_checkpoint

goes_on_without_lost=0
learn_about_run "$optex" "$config" "${arguments[@]}"
# Otherwise the launcher ends all ranks when one of them dies (Open MPI).
((!goes_on_without_lost)) || set_default OMPI_MCA_orte_abort_on_non_zero_status 0

# The program begins no round that would not end in time.
if [[ -n ${SLURM_JOB_ID:-} && -z ${OPTEX_DEADLINE:-} ]]; then
  OPTEX_DEADLINE=$(end_of_job)
  [[ -z $OPTEX_DEADLINE ]] || export OPTEX_DEADLINE
fi

# ---- run ------------------------------------------------------------------------------------------------------
# A session of its own: Ctrl-C reaches the launcher once, by us, and not a second time by the terminal.
has setsid && command=(setsid "${command[@]}")
asked_to_end=0
exec {own_stderr}>&2 # in launch() a trap finds another one
# A launcher that is told a second time kills its ranks at once.
end_run() { # SIGNAL
  if ((!asked_to_end)); then
    asked_to_end=1
    forward "$1"
  else
    signalled=1
    say "$program_name: the run is being saved and ended; this signal is not passed on, it would lose the checkpoint" \
      "(if it must be: kill -KILL $launcher)" 2>&"$own_stderr"
  fi
}
trap 'end_run INT' INT
trap 'end_run TERM' TERM HUP
trap : PIPE # of a reader of stderr that is gone; not ignored, which the run would inherit

# The log below hides the terminal from the program, which draws its progress on one.
[[ ! -t 2 ]] || export OPTEX_TERMINAL="${OPTEX_TERMINAL:-$(readlink "/proc/$$/fd/2")}"
log=$(mktemp)
output_log=$(mktemp) # MPICH's launcher says there how ranks ended
trap 'rm -f "$log" "$output_log" "$held_signals"' EXIT

# A launcher takes any exit code but 0 for a crash, and says so in many lines: a run that is stopped as planned leaves its code
# in status.json alone.
[[ -z $run_folder ]] || export OPTEX_CODE_IN_STATUS=1

# Runs the launcher to its end. Sets code: the launcher's, or that of the run where the launcher has one of its own.
launch() {
  local tee output_tee watcher errors output
  : >"$log"
  : >"$output_log"
  a_start_comes
  exec {errors}> >(trap '' INT TERM HUP USR1 USR2 && exec tee "$log" >&2)
  tee=$!
  exec {output}> >(trap '' INT TERM HUP USR1 USR2 && exec tee "$output_log")
  output_tee=$!
  "${command[@]}" "$config" "${arguments[@]}" </dev/null >&"$output" 2>&"$errors" {output}>&- {errors}>&- {own_stderr}>&- &
  launcher=$!
  (trap '' INT TERM HUP USR1 USR2 && watch_launcher "$launcher" "$optex") >/dev/null 2>&"$errors" {output}>&- {errors}>&- {own_stderr}>&- &
  watcher=$!
  while :; do
    signalled=0
    { wait "$launcher"; } 2>/dev/null # the shell would report a launcher that was killed
    code=$?
    # wait also returns when a signal was forwarded; then the launcher has not been waited for yet.
    ((signalled)) || break
  done
  launcher=""
  exec {errors}>&- {output}>&-
  kill -KILL "$watcher" 2>/dev/null
  wait "$watcher" "$tee" "$output_tee" 2>/dev/null
  first_cause
}

# The run's own word, unless rank 0 only spoke of the signal by which the launcher ended it over a rank that had died.
first_cause() {
  local own dead=""
  own=$(exit_code_of_run)
  ((wanted)) || dead=$(violent_end)
  # ended by a signal that asks: somebody has told the launcher, not this script
  [[ $own != 75 || ! $dead =~ signal\ (1|2|15)\  ]] || dead=""
  if [[ -n $dead && (-z $own || $own == 75) && $code != 0 ]]; then
    code=7
  elif [[ -n $own ]]; then
    code=$own
  elif ((!wanted)) && [[ -n $(status_field pid) ]]; then
    code=7 # rank 0 is gone without a word
  elif grep -q "$never_began" "$log"; then
    code=7
  fi
}

# What the launcher says of a rank that did not end by itself (Open MPI, MPICH).
violent_end() {
  sed -nE -e 's/^(mpirun|mpiexec|orterun|prterun) noticed that process (rank [0-9]+) with PID [0-9]+ on node ([^ ]+) exited on (signal .*[^.])\.?$/\2 (\3) was ended by \4/p' \
    -e 's/^YOUR APPLICATION TERMINATED WITH THE EXIT STRING: (.*) \((signal [0-9]+)\).*/a rank was ended by \2 (\1)/p' "$log" "$output_log" | tail -n 1
}

# mpirun says many things after the one that matters.
tell_cause() {
  local cause
  cause=$(grep -a '^optex: error: ' "$log" | tail -n 1)
  if [[ -z $cause ]] && ((code == 7)); then
    cause=$(violent_end)
    cause="optex: error: ${cause:-rank 0 has ended without a word; the last checkpoint stands}"
  fi
  if [[ -z $cause ]]; then
    say "$program_name: error: ended with exit code $code; the cause stands above"
  elif [[ $(tail -n 1 "$log") != "$cause" ]]; then
    say "$cause"
  fi
}

rounds_before=$(rounds_of_run)
for ((restart = 1; ; ++restart)); do
  launch
  ((code == 7 && restart <= restarts && !asked_to_end)) || break
  tell_cause
  say "$program_name: starting again from the last checkpoint ($restart of $restarts)"
  go_on_from_checkpoint
done

if ((code == 75)); then
  if [[ -z ${SLURM_JOB_ID:-} ]]; then
    say "$program_name: checkpointed; to go on, start the same command with --resume"
  elif idle=$(starts_without_progress "$rounds_before") && ((idle > restarts)); then
    say "$program_name: checkpointed where it began, and not put back into the queue: ask for more time (--time)" \
      "or allow more starts without a finished round (--restarts)"
  elif scontrol requeue "$SLURM_JOB_ID"; then
    say "$program_name: checkpointed; job $SLURM_JOB_ID is back in the queue and will go on from there"
    sleep 30 # Slurm ends this job
  else
    say "$program_name: checkpointed, but Slurm does not requeue this job: submit it again with --resume"
  fi
elif ((code != 0)); then
  tell_cause
fi
exit "$code"
