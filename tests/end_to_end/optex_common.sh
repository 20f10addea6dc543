# shellcheck shell=bash disable=SC2034
# Source me: the program itself, on small data that a formula made.
# shellcheck source=tests/end_to_end/expectations.sh
source "$(dirname "${BASH_SOURCE[0]}")/expectations.sh"
needs h5dump python3
with_mpi=0
[[ -z ${OPTEX_MPIEXEC:-} ]] || with_mpi=1

cat >softmax.toml <<TEXT
[problem]
name = "softmax"
l2 = 1e-3
[data]
source = "$OPTEX_SOURCE_DIR/tests/data/formula"
shards = 3
[optimizer]
learning_rate = 0.05
[method]
parallelism = 4
[stop]
iterations = 12
[checkpoint]
every = "1 iterations"
TEXT

# on RANKS COMMAND...: a command, so that it can be given a time limit; alone in a build without MPI.
mkdir -p commands
if ((with_mpi)); then echo 'exec "$OPTEX_ON_RANKS" "$@"'; else echo 'shift && exec "$@"'; fi |
  sed '1i #!/usr/bin/env bash' >commands/on
chmod +x commands/on
# The same for runs that end with an error that all ranks agree on and that is told by then: Open MPI's launcher would wait a
# second for each before it kills what has ended already.
printf '#!/usr/bin/env bash\nOMPI_MCA_odls_base_sigkill_timeout=0 exec on "$@"\n' >commands/in_accord
chmod +x commands/in_accord
PATH=$PWD/commands:$PATH

# The solution's bits.
solution() { # RUN
  h5dump -d /solution/theta -b LE -o "$1.theta" "$1/results.h5" >/dev/null || wrong "no solution in $1"
  sha256sum <"$1.theta"
}
same_solution() { # RUN RUN
  local one other
  one=$(solution "$1") && other=$(solution "$2") || exit 1
  [[ $one == "$other" ]] || wrong "$1 and $2 have different solutions"
}
other_solution() { # RUN RUN WHAT
  local one other
  one=$(solution "$1") && other=$(solution "$2") || exit 1
  [[ $one != "$other" ]] || wrong "$3"
}
