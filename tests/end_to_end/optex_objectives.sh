#!/usr/bin/env bash
# Objectives of one's own: a plug-in in C and programs beside the ranks, right and wrong, as a user would write them.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
ranks=1
((!with_mpi)) || ranks=3
last_text() { tail -n 1 err.txt | grep -qF -- "$1" || wrong "the last line does not say '$1'"; }

# A library that closes what is not its own: the run is done, and does not wait for MPI for ever. Looked at in the end.
sed 's|^#include <math.h>|#include <math.h>\n#include <unistd.h>|; s|  \*objective = self;|  for (int k = 3; k < 200; ++k) close(k);\n&|' \
  "$OPTEX_SOURCE_DIR/examples/plugin/well.c" >closes.c
make_plugin closes.so closes.c
sed 's|well.so|closes.so|' "$OPTEX_SOURCE_DIR/examples/plugin/well.toml" >closes.toml
timeout -s KILL 60 "$OPTEX" run closes.toml -o closes --stop.iterations=3 >closes.out 2>closes.err &
closing=$!

# ---- a plug-in, by the lines of its README
cp "$OPTEX_SOURCE_DIR/examples/plugin/well.toml" .
make_plugin well.so "$OPTEX_SOURCE_DIR/examples/plugin/well.c"
expect_code 0 "$OPTEX" run well.toml -o alone
expect_code 0 on "$ranks" "$OPTEX" run well.toml -o side
same_solution alone side
expect_text side/provenance.json '"problem.library"'
expect_code 0 on "$ranks" "$OPTEX" run well.toml -o parts --stop.iterations=11
mkdir elsewhere
(cd elsewhere && expect_code 0 "$OPTEX" resume ../parts --stop.iterations=25) || exit 1
same_solution alone parts
expect_code 0 "$OPTEX" run well.toml -o other --problem.options.coupling=2
other_solution alone other "an option changed nothing"
expect_text other/resolved.toml 'options = { coupling = 2, dimension = 1000, shards = 4 }'
expect_code 5 "$OPTEX" resume other --problem.options.coupling=3
expect_text err.txt "problem.options"
expect_code 0 "$OPTEX" check well.toml --evaluate --run.name=free
expect_text out.txt "1000 coordinates, exact gradients"
grep -qE '^ +method +optex, auto \(surrogate\)$' out.txt || wrong "check names another rule, or an optimiser that it does not have"

refused() { # CODE TEXT OPTION...
  expect_code "$1" "$OPTEX" run well.toml -o none "${@:3}"
  expect_text err.txt "$2"
  [[ ! -e none ]] || wrong "a run's folder was made"
}
refused 6 "nowhere.so: No such file" --problem.library=./nowhere.so
refused 2 "problem.options: 9 shards of 4 coordinates" --problem.options.dimension=4 --problem.options.shards=9
refused 2 "problem.command does nothing" --problem.command=ls
printf 'int answer = 42;\n' >empty.c
make_plugin empty.so empty.c
refused 2 "no function optex_get_plugin" --problem.library=./empty.so
chmod o+w well.so
refused 2 "everybody may write to it" --problem.library=./well.so
chmod o-w well.so
if ((with_mpi)); then
  expect_code 6 in_accord 3 "$OPTEX" run well.toml -o none --problem.library=./nowhere.so
  [[ $(grep -c 'nowhere.so: No such file' err.txt) == 1 ]] || wrong "told more than once"
fi
# One that is itself parallel: two ranks a worker, whatever the number of workers, alone on a pair.
mpicc=$(command -v "${OPTEX_MPICC:-/none}") || mpicc=/none
if ((with_mpi)) && [[ -x $mpicc ]]; then
  "$mpicc" -shared -fPIC -O2 -I"$OPTEX_SOURCE_DIR/include" -o parallel_well.so "$OPTEX_SOURCE_DIR/examples/plugin/parallel_well.c" ||
    wrong "the parallel example does not compile"
  pairs=("$OPTEX" run "$OPTEX_SOURCE_DIR/examples/plugin/parallel_well.toml")
  expect_code 0 on 2 "${pairs[@]}" -o pair
  expect_code 0 on 6 "${pairs[@]}" -o pairs
  same_solution pair pairs
  expect_code 0 "$OPTEX" watch pairs --once
  expect_text out.txt "6 ranks"
  expect_code 0 on 4 "${pairs[@]}" -o pairs-idle --parallel.coordinator_evaluates=false
  same_solution pair pairs-idle
  expect_code 0 on 4 "${pairs[@]}" -o pairs-parts --stop.iterations=11
  expect_code 0 on 2 "$OPTEX" resume pairs-parts --stop.iterations=25
  same_solution pair pairs-parts
  expect_code 0 on 4 "$OPTEX" gradcheck "$OPTEX_SOURCE_DIR/examples/plugin/parallel_well.toml"
  # check without a launcher and with one; and one that speaks to all workers is found out before the first round.
  expect_code 0 "$OPTEX" check "$OPTEX_SOURCE_DIR/examples/plugin/parallel_well.toml" --evaluate --run.name=free
  expect_code 0 on 2 "$OPTEX" check "$OPTEX_SOURCE_DIR/examples/plugin/parallel_well.toml" --run.name=free
  sed 's|settings->communicator != NULL ? .* : MPI_COMM_SELF|MPI_COMM_WORLD|' "$OPTEX_SOURCE_DIR/examples/plugin/parallel_well.c" >world.c
  "$mpicc" -shared -fPIC -O2 -I"$OPTEX_SOURCE_DIR/include" -o world.so world.c || wrong "the plug-in of all workers does not compile"
  world=(--problem.library=./world.so --parallel.ranks_per_worker=1)
  expect_code 0 "$OPTEX" check "$OPTEX_SOURCE_DIR/examples/plugin/parallel_well.toml" --evaluate --run.name=free "${world[@]}"
  expect_code 2 on 2 "${pairs[@]}" -o none "${world[@]}"
  expect_text err.txt "it seems to communicate over MPI_COMM_WORLD"
  [[ ! -e none ]] || wrong "a run's folder was made"
  expect_code 8 in_accord 3 "${pairs[@]}" -o none
  expect_text err.txt "3 ranks cannot be divided into such groups"
  expect_code 2 "${pairs[@]}" -o none --failure.evaluation=retry
  expect_text err.txt "cannot try again one by one"
fi
printf '[problem]\nname = "plugin"\n[problem.options]\na = [1]\n"b c" = 2\n' >bad.toml
expect_code 2 "$OPTEX" config bad.toml
expect_text err.txt "bad.toml:4:5: problem.options.a: must be a string, a number or a boolean, found an array"
expect_text err.txt '"b c" is no name for an option'
expect_text err.txt "missing problem.library"

expect_code 0 on "$ranks" "$OPTEX" gradcheck well.toml
expect_text out.txt "The gradient agrees with the values."
# The same with a gradient that is wrong in two places.
sed 's|\*value = scale \* sum;|gradient[17] *= 1.5; if (shard == 3) gradient[901] = 0.1; *value = scale * sum;|' \
  "$OPTEX_SOURCE_DIR/examples/plugin/well.c" >wrong.c
make_plugin wrong.so wrong.c
expect_code 3 in_accord "$ranks" "$OPTEX" gradcheck well.toml --problem.library=./wrong.so --worst=4 --points=2
expect_text err.txt "the gradient is wrong"
[[ $(grep -cE '^ *(17|901) ' out.txt) == 4 ]] || wrong "the worst coordinates are not 17 and 901, at two points"
# Built anew as another function, it is not the run's any more.
cp well.so before.so
cp wrong.so well.so
expect_code 5 in_accord "$ranks" "$OPTEX" resume parts --stop.iterations=26
expect_text err.txt "--accept-library"
expect_code 0 on "$ranks" "$OPTEX" resume parts --stop.iterations=26 --accept-library
python3 -c 'import json; assert json.load(open("parts/provenance.json"))["accepted"] == ["problem.library"]' ||
  wrong "provenance.json does not say that another library was accepted"
expect_code 0 "$OPTEX" resume parts --stop.iterations=27
cp before.so well.so
# One that is 6 % wrong everywhere but at the start, which both commands look beyond; and a run's solution.
sed 's|\*value = scale \* sum;|for (i = 0; theta[0] != 0.5 * sin(1.0) \&\& i < self->dimension; ++i) gradient[i] *= 1.06; &|' \
  "$OPTEX_SOURCE_DIR/examples/plugin/well.c" >elsewhere.c
make_plugin elsewhere.so elsewhere.c
expect_code 0 "$OPTEX" gradcheck well.toml --problem.library=./elsewhere.so --at start
expect_code 3 "$OPTEX" gradcheck well.toml --problem.library=./elsewhere.so
expect_text out.txt "a factor is wrong in value or gradient"
expect_code 3 "$OPTEX" check well.toml --problem.library=./elsewhere.so --evaluate --run.name=free
expect_text err.txt "the gradient is wrong at random point 1"
expect_code 0 "$OPTEX" gradcheck well.toml --at start,alone
expect_text out.txt "At the solution of alone"
expect_code 2 "$OPTEX" gradcheck well.toml --at start,nowhere
expect_text err.txt "neither start nor random nor a run's folder"
for problem in sphere ackley rosenbrock quadratic absolute_deviation styblinski_tang softmax mlp; do
  keys=(--problem.dimension=200)
  [[ $problem != softmax && $problem != mlp ]] || keys=(--data.shards=2)
  printf '[problem]\nname = "%s"\n[data]\nsource = "%s"\n' "$problem" "$OPTEX_SOURCE_DIR/tests/data/formula" >any.toml
  [[ ${keys[0]} == --data* ]] || sed -i '/data/,$d' any.toml
  expect_code 0 "$OPTEX" gradcheck any.toml "${keys[@]}"
done

# Of one mini-batch where there are any; and nothing is lost when it is ended.
printf '[problem]\nname = "softmax"\n[data]\nsource = "%s"\nbatch = 16\n' "$OPTEX_SOURCE_DIR/tests/data/formula" >any.toml
expect_code 0 "$OPTEX" gradcheck any.toml
expect_text out.txt "one mini-batch of 16 samples"
printf '[problem]\nname = "sphere"\ncost = { kind = "sleep", seconds = 5 }\n' >slow.toml
expect_code 124 timeout 1 "$OPTEX" gradcheck slow.toml

# The example of the page.
page_example objectives.md c >page.c
make_plugin page.so page.c
printf '[problem]\nname = "plugin"\nlibrary = "./page.so"\ninitial = "random"\n' >page.toml
expect_code 0 "$OPTEX" gradcheck page.toml
expect_code 0 "$OPTEX" run page.toml -o page --stop.iterations=3

# ---- a program beside each rank
find_python numpy
[[ -n $python ]] || {
  echo "numpy is missing: programs in Python are not tested"
  exit 0
}
sed "s|\"python3\"|\"$python\"|; s|examples/command|$OPTEX_SOURCE_DIR/examples/command|" \
  "$OPTEX_SOURCE_DIR/examples/command/ring.toml" >ring.toml
expect_code 0 "$OPTEX" run ring.toml -o ring
expect_code 0 on "$ranks" "$OPTEX" run ring.toml -o ring-side
same_solution ring ring-side
expect_code 0 "$OPTEX" run ring.toml -o ring-parts --stop.iterations=7
(cd elsewhere && expect_code 0 on "$ranks" "$OPTEX" resume ../ring-parts --stop.iterations=25) || exit 1
same_solution ring ring-parts
expect_code 0 "$OPTEX" run ring.toml -o ring-small --problem.options.size=50
expect_code 0 "$OPTEX" run ring.toml -o ring-single --problem.precision=f32
other_solution ring ring-single "f32 changed no digit"
expect_code 0 on "$ranks" "$OPTEX" gradcheck ring.toml
expect_code 0 "$OPTEX" gradcheck ring.toml --problem.precision=f32
page_example objectives.md python >mine.py
page_example objectives.md toml | sed "s|python3|$python|" >mine.toml
expect_code 0 "$OPTEX" gradcheck mine.toml
expect_code 0 on "$ranks" "$OPTEX" run mine.toml -o mine --stop.iterations=3
PYTHONPATH=$OPTEX_SOURCE_DIR/python "$python" "$OPTEX_SOURCE_DIR/examples/command/ring.py" >by-hand.txt
expect_text by-hand.txt "the gradient agrees with differences of F"
if "$python" -c 'import torch' 2>/dev/null; then
  sed "s|\"python3\"|\"$python\"|; s|examples/command|$OPTEX_SOURCE_DIR/examples/command|" \
    "$OPTEX_SOURCE_DIR/examples/command/torch_network.toml" >torch.toml
  expect_code 0 on "$ranks" "$OPTEX" run torch.toml -o torch --stop.iterations=10
fi

# Draws that are no functions of the key: check says that runs will not repeat, and where.
cat >drifting.py <<'TEXT'
import numpy as np
import optex
calls = 0
def value_and_gradient(theta, key, shard):
    global calls
    calls += 1
    return float(theta @ theta), 2 * theta + 1e-12 * calls
optex.serve(value_and_gradient, 4, initial_point=np.ones(4))
TEXT
cat >drifting.toml <<TEXT
[problem]
name = "command"
command = ["$python", "drifting.py"]
[optimizer]
learning_rate = 0.05
TEXT
expect_code 0 "$OPTEX" check drifting.toml --evaluate
expect_text out.txt "no: other digits when it is asked the same again (4 evaluations on 1 shard)"
expect_text err.txt "the objective does not repeat itself (shard 0: 4 of 4 coordinates of the gradient"
expect_code 0 "$OPTEX" check mine.toml --evaluate
expect_text out.txt "yes, bit for bit"

# One rank that takes its time is named while the run goes.
if ((with_mpi)); then
  cat >slow.py <<'TEXT'
import os, time
import numpy as np
import optex
def value_and_gradient(theta, key, shard):
    time.sleep(0.15 if os.environ["OPTEX_WORKER"] == "1" else 0.01)
    return float(theta @ theta), 2 * theta
optex.serve(value_and_gradient, 4, initial_point=np.ones(4), shards=3)
TEXT
  sed 's/drifting/slow/' drifting.toml >slow.toml
  expect_code 0 on 3 "$OPTEX" run slow.toml -o slow --method.name=vanilla --stop.iterations=21
  expect_text err.txt "optex: warning: slow rank: rank 1 on $(hostname)"
  expect_text slow/events.jsonl '"kind":"diagnosis"'
fi

# One program with many faults; which one, at which call, says the environment.
cat >faulty.py <<'TEXT'
import os, stat, subprocess, sys, time
import numpy as np
import optex
print("a print that must not get between the messages")
fault, at, marker = os.environ.get("FAULT"), int(os.environ.get("AT", "0")), os.environ.get("ONCE")
calls = 0
def value_and_gradient(theta, key, shard):
    global calls
    calls += 1
    value, gradient = float(theta @ theta) / 2, theta.copy()
    # Twice without a marker: at a point of the chain, then at the iterate.
    now = key.iteration == 3 and key.point == at if at == 0 else (key.iteration, key.point) in ((2, at), (3, 0))
    if fault and now and not (marker and os.path.exists(marker)):
        if marker: open(marker, "w").close()
        if fault == "full": open("full/errors", "w").close()  # where a rank's last words would be kept
        if fault in ("raise", "full"): raise ValueError("the mesh is tangled")
        if fault == "infeasible": raise optex.Infeasible("negative mass")
        if fault == "exit": sys.exit(3)
        if fault == "kill": os.kill(os.getpid(), 9)
        if fault == "sleep": time.sleep(100)
        if fault == "garbage":
            for fd in range(3, 64):
                if os.path.exists(f"/proc/self/fd/{fd}") and stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, b"x" * 200)
        if fault == "short": gradient = gradient[:-1]
        if fault == "nan": value = float("nan")
    if fault == "mpirun" and calls == 1:
        print(subprocess.run(["mpirun", "--oversubscribe", "-n", "2", "echo", "inner rank"], check=True,
                             capture_output=True, text=True).stdout, file=sys.stderr)
    return value / 2, gradient / 2
optex.serve(value_and_gradient, 20, initial_point=np.linspace(1, 2, 20), shards=2)
TEXT
cat >faulty.toml <<TEXT
[problem]
name = "command"
command = ["$python", "faulty.py"]
[method]
update = "replay"
[optimizer]
learning_rate = 0.05
[stop]
iterations = 8
[failure]
evaluation_seconds = 2
stall_seconds = 100
TEXT
expect_code 0 "$OPTEX" run faulty.toml -o sound
expect_no_text out.txt "a print that must not"
expect_text err.txt "a print that must not"
say() { # FAULT: its words
  case $1 in
    raise) echo "ValueError: the mesh is tangled" ;;
    infeasible) echo "infeasible: negative mass" ;;
    exit) echo "ended with exit code 3" ;;
    kill) echo "was killed by signal 9" ;;
    sleep) echo "did not answer in time" ;;
    garbage) echo "is garbage" ;;
    short) echo "the gradient has 19 numbers, dimension is 20" ;;
    nan) echo "is not finite" ;;
  esac
}
for fault in raise infeasible exit kill sleep garbage short nan; do
  export FAULT=$fault
  code=3
  [[ $fault != nan ]] || code=4
  # At a speculative point it is dropped. At the iterate, a round later, the run ends and says why.
  launch=() # an answer that says so, a death and a silence on several ranks, the others alone
  [[ $fault != @(raise|kill|sleep) ]] || launch=(on "$ranks")
  AT=2 expect_code $code "${launch[@]}" "$OPTEX" run faulty.toml -o "$fault"
  expect_text err.txt "$(say "$fault")"
  grep -q '"dropped_points":1,.*"iteration":3,\|"iteration":3,.*"dropped_points":1,' "$fault/metrics.jsonl" || wrong "no point was dropped"
  # With drop the run goes on from a point that works, and says why.
  AT=0 expect_code 0 "$OPTEX" run faulty.toml -o "$fault-drop" --failure.evaluation=drop
  expect_text err.txt "optex: warning: iterate dropped: round 4: "
  expect_text err.txt "$(say "$fault")"
  grep -qE '"update":"(step_back|best_point)"' "$fault-drop/metrics.jsonl" || wrong "no round stepped back"
  # Once only, tried again: the very numbers of the run without fault.
  case $fault in
    infeasible | nan) ;;
    *)
      ONCE=$PWD/$fault.marker AT=0 expect_code 0 "${launch[@]}" "$OPTEX" run faulty.toml -o "$fault-retry" --failure.evaluation=retry
      same_solution sound "$fault-retry"
      ;;
  esac
done
unset FAULT
if ((with_mpi)) && mpirun --version 2>/dev/null | grep -q 'Open MPI'; then
  # shellcheck source=scripts/mpi_environment.sh
  (
    source "$OPTEX_SOURCE_DIR/scripts/mpi_environment.sh"
    allow_root
    FAULT=mpirun expect_code 0 on 2 "$OPTEX" run faulty.toml -o inner --failure.evaluation_seconds=60
    expect_text err.txt "inner rank"
    # Words that cannot be kept are no reason to tell of something else.
    FAULT=full expect_code 3 on 2 "$OPTEX" run faulty.toml -o full
    expect_text err.txt "the mesh is tangled"
  ) || exit 1
  same_solution sound inner
fi

# What a program is told about its place.
printf '%s\n' '#!/bin/sh' 'echo "$OPTEX_WORKER of $OPTEX_WORKERS, $OPTEX_LOCAL_RANK on $OPTEX_HOSTS" >>place.txt' 'env >env.txt' >place.sh
chmod +x place.sh
SLURM_STEP_ID=0 SLURM_STEPID=0 SLURM_STEP_NODELIST=here OMPI_MCA_users_own=kept \
  expect_code 2 on "$ranks" "$OPTEX" run faulty.toml -o none "--problem.command=./place.sh"
expect_text err.txt "'./place.sh' ended with exit code 0"
for ((rank = 0; rank < ranks; ++rank)); do
  expect_text place.txt "$rank of $ranks, $rank on $(hostname)"
done
! grep -E '^(OMPI_COMM|OMPI_MCA_(ess|orte_(hnp|ess))|PMIX_|PMI_|SLURM_STEP)' env.txt || wrong "the launcher's variables are in the program's environment"
grep -q '^OMPI_MCA_users_own=kept$' env.txt || wrong "a setting of the user's own has not reached the program"

wait $closing || wrong "a library that closes descriptors: exit code $?"
((!with_mpi)) || expect_text closes.err "MPI did not finish, maybe somebody closed"
expect_text closes/status.json '"state": "finished"'

# No child is left behind.
! pgrep -f "$PWD/faulty.py" || wrong "children live on"
