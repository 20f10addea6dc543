#!/usr/bin/env bash
# session_ends.sh PROBE: how a job ends, seen from outside: exit code, message, no hang.
set -uo pipefail
probe=$1
failures=0

# ends RANKS WAY CODE[|CODE] [TEXT]: the job leaves with CODE and, where given, prints TEXT exactly once.
ends() {
  local code=0 count
  if [ "$1" = none ]; then
    "$probe" "$2" >out 2>&1 || code=$?
  else
    "$OPTEX_ON_RANKS" "$1" "$probe" "$2" >out 2>&1 || code=$?
  fi
  if [[ ! $code =~ ^($3)$ ]]; then
    echo "$2 on $1 ranks: exit code $code instead of $3"; cat out
    failures=$((failures + 1))
  fi
  if [ $# -gt 3 ]; then
    count=$(grep -c -- "$4" out)
    if [ "$count" != 1 ]; then
      echo "$2 on $1 ranks: \"$4\" is printed $count times"; cat out
      failures=$((failures + 1))
    fi
  fi
}

for ranks in none 3; do
  ends $ranks well 0
  ends $ranks early 75
  ends $ranks agreed 6 'optex: error: .*no data on this host'
  ends $ranks alone 6 'optex: error: .*a disk is full'
  ends $ranks signalled 0
  ends $ranks signalled_early 0
done
ends 1 well 0
ends 1 alone 6 'optex: error: .*a disk is full'
ends 3 agreed 6 'optex: error: rank 2 (.*): no data on this host'
ends 3 alone 6 'optex: error: rank 2 (.*): a disk is full'
ends 3 oddly 1 'optex: error: rank 2 (.*): something was thrown'
ends 3 unwound 1
# Two ranks give up at the same time. MPICH's launcher kills the second one when the first has, and says 9 where it did so in
# time (Open MPI's would say 137).
ends 3 stuck '7|9'

# Alone it shares no folder of the host with other programs that start and end at the same time.
OMPI_MCA_orte_tmpdir_base=/proc/none ends none well 0

# Copies that a launcher did not connect to each other.
export SLURM_STEP_NUM_TASKS=4
ends none well 8 'optex: srun started 4 copies .*srun --mpi=pmix'
unset SLURM_STEP_NUM_TASKS

exit $((failures > 0))
