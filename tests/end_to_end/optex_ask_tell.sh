#!/usr/bin/env bash
# A run whose gradients are computed outside: the numbers of `optex run`, whatever the order, through failures and kills.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
find_python "numpy, h5py"
[[ -n $python ]] || exit 77
export PYTHONPATH=$OPTEX_SOURCE_DIR/python

# The same problem inside and outside.
cat >wave.py <<'TEXT'
import numpy as np
def wave(theta):
    steps = np.arange(1, theta.size + 1)
    return float(np.sum(np.cosh(theta - np.sin(steps))) / theta.size), np.sinh(theta - np.sin(steps)) / theta.size
if __name__ == "__main__":
    import optex
    optex.serve(wave, 60)
TEXT
cat >inside.toml <<TEXT
[problem]
name = "command"
command = ["$python", "wave.py"]
[optimizer]
learning_rate = 0.05
[method]
parallelism = 4
update = "replay"
[stop]
iterations = 9
gradient_tolerance = 0
precision = 0
TEXT
sed '/^command/d; s/"command"/"external"\ndimension = 60/' inside.toml >outside.toml
expect_code 0 "$OPTEX" run inside.toml -o inside

# answer.py DIR: one HDF5 file with the answers to what is open, or only to the points named.
cat >answer.py <<'TEXT'
import sys, h5py, numpy as np
from wave import wave
wanted = [int(text) for text in sys.argv[2:]]
with h5py.File(sys.argv[1] + "/asked/questions.h5") as asked:
    open_points = [(n, theta) for n, theta in zip(asked["number"][:], asked["theta"][:]) if not wanted or n in wanted]
with h5py.File("answers.h5", "w") as answers:
    results = [wave(theta) for _, theta in reversed(open_points)]
    answers["number"] = np.array([n for n, _ in reversed(open_points)])
    answers["value"] = np.array([value for value, _ in results])
    answers["gradient"] = np.array([gradient for _, gradient in results])
TEXT
refused() { # CODE TEXT COMMAND...
  expect_code "$1" "$OPTEX" "${@:3}"
  expect_text err.txt "$2"
}
ask() { expect_code 0 "$OPTEX" ask "$@"; }
tell() { expect_code 0 "$OPTEX" tell "$@"; }

ask together --config=outside.toml
expect_code 0 "$OPTEX" watch together --once
expect_text out.txt "running, by optex ask and optex tell"
ask together
for ((call = 0; call < 30; ++call)); do
  [[ -s out.txt ]] || break
  "$python" answer.py together || wrong "answer.py failed"
  tell together answers.h5
  ask together
done
same_solution inside together
expect_text err.txt "finished after 9 rounds, stop.iterations is met"
expect_text together/status.json '"state": "finished"'
[[ $(wc -l <together/metrics.jsonl) == 9 ]] || wrong "not one line of metrics a round"
# What it took from asking to the last answer, and where it comes from.
"$python" - <<'TEXT' || wrong "no wall time, or no provenance"
import json
seconds = [json.loads(line)["seconds"] for line in open("together/metrics.jsonl")]
assert seconds[0] > 0 and seconds == sorted(seconds), seconds
assert json.load(open("together/status.json"))["seconds"] >= seconds[-1]
assert json.load(open("together/provenance.json"))["command_line"][0] == "ask"
TEXT
expect_code 0 "$OPTEX" report together -o together.html
expect_no_text out.txt "provenance"
ask together
[[ ! -s out.txt ]] || wrong "a finished run asks for more"
expect_code 2 "$OPTEX" tell together answers.h5
expect_text err.txt "the run is finished"

# Which rule was taken, and the events, as of any run; also while a round is open.
sed '/^update/d; /^learning_rate/d' outside.toml >auto.toml
ask auto --config=auto.toml --stop.iterations=3
for ((call = 0; call < 5; ++call)); do
  [[ -s out.txt ]] || break
  "$python" answer.py auto && tell auto answers.h5 && ask auto
  expect_text auto/status.json '"rule": "method.update = \"auto\" takes surrogate'
done
cut -d '"' -f 8 auto/events.jsonl | sort | uniq -c | tr -s ' \n' ' ' >kinds.txt
[[ $(<kinds.txt) == " 3 checkpoint 1 end 1 rule 1 start " ]] || wrong "events: $(<kinds.txt)"

# Raw doubles, one by one, the last point first, asking again in between; each process killed once before.
killed_after() { # SECONDS COMMAND...; it is gone, and its locks with it, when this returns
  "${@:2}" >/dev/null 2>&1 &
  sleep "$1"
  { kill -KILL $! && wait $!; } >/dev/null 2>&1
}
ask single --config=outside.toml --format=raw
for ((call = 0; call < 200; ++call)); do
  [[ -s out.txt ]] || break
  number=$(tail -n 1 out.txt | cut -f 1) file=$(tail -n 1 out.txt | cut -f 2)
  value=$("$python" -c "
import numpy as np, sys
from wave import wave
value, gradient = wave(np.fromfile('$file'))
gradient.tofile('gradient.bin')
print(repr(value))")
  killed_after 0.01 "$OPTEX" tell single gradient.bin --point="$number" --value="$value"
  tell single gradient.bin --point="$number" --value="$value" --again
  killed_after 0.02 "$OPTEX" ask single --format=raw
  ask single --format=raw
done
same_solution inside single

# From Python.
cat >loop.py <<'TEXT'
import sys, optex
from wave import wave
run = optex.AskTell("python", config="outside.toml", program=sys.argv[1])
while points := run.ask():
    for point in reversed(points):
        late = point.number == 0
        if late:
            run.tell_failed(point, "the queue was full")
        run.tell(point, *wave(point.theta), again=late)
print("finished", run.finished)
TEXT
"$python" loop.py "$OPTEX" >out.txt 2>err.txt || wrong "loop.py failed"
expect_text out.txt "finished True"
same_solution inside python

# Partial and failed: a speculative point is dropped, the iterate itself ends the run until it is told anew.
ask failing --config=outside.toml
until [[ $(wc -l <out.txt) == 4 ]]; do
  "$python" answer.py failing && tell failing answers.h5 && ask failing
done
round=$(wc -l <failing/metrics.jsonl)
tell failing --point=2 --failed="the queue was full"
expect_text err.txt "3 of 4 points are open"
ask failing
[[ $(wc -l <out.txt) == 3 ]] || wrong "a point that failed is still asked for"
"$python" answer.py failing 1 3 && tell failing answers.h5
tell failing --point=0 --failed="the node is gone"
expect_code 3 "$OPTEX" ask failing
expect_text err.txt "the node is gone"
expect_text failing/status.json '"state": "failed"'
"$python" answer.py failing 0 && tell failing answers.h5 --again
ask failing
[[ $(wc -l <failing/metrics.jsonl) == $((round + 1)) ]] || wrong "the round did not go on"
grep -q '"dropped_points":1' failing/metrics.jsonl || wrong "the failed point was not dropped"

# A first ask that was killed before it had asked for anything is begun anew; afterwards one goes on.
mkdir killed
expect_code 6 "$OPTEX" ask killed
ask killed --config=outside.toml
rm -r killed/asked killed/resolved.toml
ask killed --config=outside.toml
expect_code 9 "$OPTEX" ask killed --config=outside.toml
# Keys that are given later stay, and what the old ones asked for is asked for anew.
"$python" answer.py killed && tell killed answers.h5
ask killed --optimizer.learning_rate=0.01
expect_text err.txt "round 1 is asked for anew, 1 answers are dropped"
expect_text killed/resolved.toml "learning_rate = 0.01"
for _ in 1 2 3; do "$python" answer.py killed && tell killed answers.h5 && ask killed; done
[[ $(wc -l <killed/metrics.jsonl) == 3 ]] || wrong "the settings that were given later were not those of the run"
refused 5 "was made with other settings" ask killed --optimizer.learning_rate=0.02
expect_text killed/resolved.toml "learning_rate = 0.01"
# One answer a point, whoever brings it, and a damaged one is none.
"$python" answer.py killed 0
"$python" -c "
import h5py
with h5py.File('answers.h5', 'r+') as f:
    for name in ('number', 'value', 'gradient'):
        rows = f[name][:]
        del f[name]
        f[name] = [*rows, *rows]"
refused 2 "holds point 0 twice; nothing was taken" tell killed answers.h5
"$python" answer.py killed 0 && tell killed answers.h5
file=$(echo killed/asked/answer-*-0.h5)
"$python" -c "
import sys
content = bytearray(open(sys.argv[1], 'rb').read())
content[1000] ^= 1
open(sys.argv[1], 'wb').write(content)" "$file"
ask killed
expect_text err.txt "the answer to point 0 of round 4 is damaged"
[[ $(cut -f 1 <out.txt | head -n 1) == 0 ]] || wrong "a damaged answer was taken"
tell killed answers.h5

# Mistakes.
refused 6 "not a run's folder" ask nowhere
refused 9 "is already there" ask failing --config=outside.toml
refused 2 "no points have been asked for" tell inside answers.h5
refused 2 "use optex ask and optex tell" run outside.toml -o outside
sed '/dimension/d' outside.toml >without.toml
refused 2 "needs problem.dimension" ask new --config=without.toml
refused 2 "there is no point 7 in round" tell failing --point=7 --failed=x
refused 2 "the open round is" tell failing --point=0 --failed=x --round=1
refused 2 "but a gradient has 480" tell failing loop.py --point=0 --value=1
refused 2 "need both --point=K and --value=F" tell failing gradient.bin --point=0
refused 2 "must be hdf5 or raw" ask failing --format=xml
"$python" answer.py failing 0 && tell failing answers.h5
refused 2 "has its answer already" tell failing answers.h5
"$python" -c "
import h5py
with h5py.File('wide.h5', 'w') as f: f['number'], f['value'], f['gradient'] = [1], [0.5], [[1.0, 2.0]]"
refused 2 "gradients of 1 x 2" tell failing wide.h5
