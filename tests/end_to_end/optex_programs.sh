#!/usr/bin/env bash
# Programs beside the ranks that are more than one process: multiprocessing, helpers, MPI programs of their own; what is
# told to them and what they may not answer.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
find_python numpy
[[ -n $python ]] || { echo "python3-numpy is missing"; exit 77; }
export PYTHONDONTWRITEBYTECODE=1

config_for() { # PROGRAM [WORD...]: a configuration that starts it
  printf '[problem]\nname = "command"\ncommand = ["%s"]\n[optimizer]\nlearning_rate = 0.05\n' "$python\", \"$1"
  printf '[stop]\niterations = 4\n[failure]\nevaluation_seconds = 40\nstall_seconds = 100\n'
}

# ---- options: any text through a configuration, the resolved one, the command line, and into the program
cat >echo.py <<'TEXT'
import json, sys, numpy as np, optex
json.dump([optex.seed(), optex.options()], open("told.json", "w"))
optex.serve(lambda theta: (float(theta @ theta), 2 * theta), 2)
TEXT
cat >options.py <<'TEXT'
"""A configuration with options of every kind: options.py SEED CONFIG; compared with told.json: options.py SEED CONFIG told."""
import json, random, sys, tomllib
source = random.Random(int(sys.argv[1]))
LIKE_NUMBERS = ["007", "12e4567", "1.10", "1_000", "true", "True", "false", "inf", "nan", "-0", "0x10", "1e5", "", " 7", "7 ", "+1", "null"]
HARD = ["\r", "\f", "\n", "\t", "\x00", "\x01", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\U0001f600", "\ud7ff", "\ue000",
        "\"", "\\", "'", "=", "é", "\u0301", "\U0010ffff", "#", "a", "\x0b", "\x1c"]
def any_text():
    return source.choice(LIKE_NUMBERS) if source.random() < 0.4 else "".join(source.choices(HARD, k=source.randint(0, 12)))
def quoted(text):
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text) + '"'
lines = [f"o{i} = {quoted(any_text())}" for i in range(180)]
lines += ["seed = \"named like the run's\"", "precision = 3", "whole = 9007199254740993", "real = 0.1", "large = 1e300", "yes = true",
          "round = 2.0", "least = -9223372036854775808"]
if len(sys.argv) == 3:
    open(sys.argv[2], "a").write("[run]\nseed = 5\n[problem.options]\n" + "\n".join(lines) + "\n")
    sys.exit()
wanted = tomllib.load(open(sys.argv[2], "rb"))["problem"]["options"]
seed, found = json.load(open("told.json"))
wrong = {name: (wanted.get(name), found.get(name)) for name in wanted | found
         if (type(wanted.get(name)), wanted.get(name)) != (type(found.get(name)), found.get(name))}
sys.exit(f"other options: {wrong}" if wrong or seed != 5 else 0)
TEXT
seed=${OPTEX_TEST_SEED:-3}
config_for echo.py >options.toml
"$python" options.py "$seed" options.toml
expect_code 0 "$OPTEX" check options.toml
expect_code 0 "$python" options.py "$seed" options.toml told
expect_code 0 "$OPTEX" config options.toml --resolved
cp out.txt resolved.toml
rm told.json
expect_code 0 "$OPTEX" check resolved.toml
expect_code 0 "$python" options.py "$seed" options.toml told
config_for echo.py >plain.toml
expect_code 0 "$OPTEX" check plain.toml --problem.options.a=007 --problem.options.b=7 '--problem.options.c="7"' --problem.options.d=1.10
expect_text told.json '{"a": "007", "b": 7, "c": "7", "d": 1.1}'

# ---- processes of its own: what a program starts finds the options, and nothing to answer
cat >pool.py <<'TEXT'
import multiprocessing, os, subprocess, sys
import numpy as np
import optex
size = optex.options().get("size", 6)
def square(x):
    return x * x
HELPER = "import sys, optex; sys.exit(optex.options()['size'] - 8); "
def value_and_gradient(theta):
    global pool
    if pool is None:
        pool = multiprocessing.get_context(optex.options()["start"]).Pool(2)
        assert subprocess.run([sys.executable, "-c", HELPER], timeout=30).returncode == 0
        assert "OPTEX_SOCKET" not in os.environ
    return sum(pool.map(square, theta.tolist())), 2 * theta
pool = None
optex.serve(value_and_gradient, size, initial_point=np.ones(size))
if pool is not None:
    pool.terminate()
TEXT
for start in spawn forkserver fork; do
  config_for pool.py >pool.toml
  expect_code 0 "$OPTEX" run pool.toml -o "pool-$start" --method.name=vanilla --problem.options.size=8 --problem.options.start="$start"
done
same_solution pool-spawn pool-fork

# ---- what would be lost is refused by name: at the iterate the run ends; with drop it goes on, and says each of them
cat >odd.py <<'TEXT'
import numpy as np, optex
kinds = optex.options()["kinds"].split()
calls = 0
def value_and_gradient(theta):
    global calls
    value, gradient = float(theta @ theta), 2 * theta
    kind = kinds[calls] if calls < len(kinds) else ""
    calls += 1
    if kind == "real": return complex(value), gradient.astype(complex)
    if kind == "complex": return value, gradient + 1j
    if kind == "complex_value": return np.complex128(value + 1j), gradient
    if kind == "masked": return value, np.ma.masked_array(gradient, mask=[True, False, False, False])
    if kind == "none": return value, None
    if kind == "dates": return value, np.array(["2020-01-01"] * 4, dtype="datetime64[D]")
    if kind == "text": return "1.0", gradient
    if kind == "nothing": return None
    if kind == "integers": return 4, np.array([2, 2, 2, 2])
    if kind == "lone": raise ValueError("no file named \udcff.msh")
    if kind == "long": raise ValueError("\u00e9" * 100000 + "a")
    return value, gradient
start = np.array([1, np.nan, 1, 1]) if kinds == ["start"] else np.ones(4)
optex.serve(value_and_gradient, 4, initial_point=start)
TEXT
config_for odd.py >odd.toml
odd() { # CODE NAME "KIND..." TEXT...: one kind a call of the program
  expect_code "$1" "$OPTEX" run odd.toml -o "odd-$2" --method.name=vanilla "--problem.options.kinds=$3" --failure.evaluation=drop \
    --stop.iterations=12
  local text
  for text in "${@:4}"; do expect_text err.txt "$text"; done
  [[ $1 == 2 ]] || "$python" -c 'import sys, pathlib; [f.read_text("utf-8") for f in pathlib.Path(sys.argv[1]).rglob("*") if f.suffix != ".h5" and f.is_file()]' "odd-$2" || wrong "text that is not UTF-8"
}
odd 0 sound "real integers"
! grep -q 'dropped_points":[1-9]' odd-sound/metrics.jsonl || wrong "sound answers were dropped"
odd 0 dropped "real complex real complex_value real masked real none real nothing real lone" \
  "the gradient is complex with an imaginary part" "the value is complex with an imaginary part" "the gradient is a masked array" \
  "the gradient is None" "the function returns NoneType instead of a value and its gradient" 'no file named \udcff.msh'
[[ $(grep -c 'dropped_points":1' odd-dropped/metrics.jsonl) == 6 ]] || wrong "not every odd answer was dropped"
odd 0 kinds "real dates real text" "the gradient is made of datetime64[D], not of numbers" "the value is a text"
odd 3 lone "lone" 'no file named \udcff.msh'
odd 3 long "long" "ValueError: é"
odd 2 start "start" "initial_point is not finite in 1 of 4 coordinates"

# ---- a judgement that is none costs a warning, whatever comes instead, and the run its answer never
cat >judged.py <<'TEXT'
import os, numpy as np, optex
instead = [None, "good", np.ones(3), {"error": "much"}, ValueError("no reference")]
def assess(theta):
    with open("judged.count", "a") as file:  # whoever could not judge is begun anew
        file.write("x")
    found = instead[os.path.getsize("judged.count") - 1]
    if isinstance(found, Exception): raise found
    return found
optex.serve(lambda theta: (float(theta @ theta), 2 * theta), 4, initial_point=np.ones(4), assess=assess)
TEXT
config_for judged.py >judged.toml
expect_code 0 "$OPTEX" run judged.toml -o judged --method.name=vanilla --log.quality_every=1
for text in NoneType str ndarray; do expect_text err.txt "assess returns $text instead of a dictionary of numbers"; done
for text in "could not convert string to float: 'much'" "no reference"; do expect_text err.txt "$text"; done
expect_text judged/status.json '"state": "finished"'
"$python" -c 'import json; assert json.load(open("judged/status.json"))["final_value"] < 4' || wrong "a run that could not be judged has no answer"

# ---- a program that is an MPI program of its own
mpi_python=$python
"$mpi_python" -c 'import mpi4py' 2>/dev/null || mpi_python=
if ((with_mpi)) && [[ -n $mpi_python ]] && mpirun --version 2>/dev/null | grep -q 'Open MPI'; then
  # shellcheck source=scripts/mpi_environment.sh
  source "$OPTEX_SOURCE_DIR/scripts/mpi_environment.sh"
  allow_root
  one_machine
  cat >parallel.py <<'TEXT'
import os, sys
import numpy as np
from mpi4py import MPI
import optex
comm = MPI.COMM_WORLD
size, fault = optex.options()["size"], optex.options().get("fault", "")
assert comm.size == 2 and "OPTEX_OPTIONS" in os.environ
def value_and_gradient(theta):
    mine = np.zeros(size)
    mine[comm.rank::2] = theta[comm.rank::2]
    whole = np.empty(size)
    comm.Allreduce(2 * mine, whole)
    if fault == "raise" and comm.rank == 1: raise ValueError("the mesh is tangled on rank 1")
    if fault == "exit" and comm.rank == 1: os._exit(5)
    value = comm.reduce(float(mine @ mine))
    return value, whole if comm.rank == 0 else None
optex.serve(value_and_gradient, size, initial_point=np.ones(size), comm=comm, assess=lambda theta: {"largest": np.abs(theta).max()})
TEXT
  config_for parallel.py | sed "s|command = \[|&\"mpirun\", \"--oversubscribe\", \"-n\", \"2\", |" >parallel.toml
  parallel=("$OPTEX" run parallel.toml --method.parallelism=2 --problem.options.size=9)
  expect_code 0 "${parallel[@]}" -o alone
  expect_code 0 on 2 "${parallel[@]}" -o side
  same_solution alone side
  expect_text side/status.json largest
  # Rank 0 waits in its reduction for what rank 1 will not send.
  expect_code 3 "${parallel[@]}" -o raise --problem.options.fault=raise --failure.evaluation_seconds=3
  expect_text err.txt "ValueError: the mesh is tangled on rank 1"
  expect_code 3 "${parallel[@]}" -o exit --problem.options.fault=exit
  expect_text err.txt "ended with exit code"
  ! pgrep -f "parallel.py" >/dev/null || { sleep 3 && ! pgrep -f "$PWD/parallel.py"; } || wrong "ranks live on"
fi
! pgrep -f "$PWD/(pool|odd|echo).py" || wrong "children live on"
