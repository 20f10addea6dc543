#!/usr/bin/env bash
# optex.load: a run's folder in Python, whole, damaged or still growing; the plotting example.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
python=""
for candidate in "$(command -v python3)" /usr/bin/python3; do
  "$candidate" -c 'import numpy, h5py' 2>/dev/null && python=$candidate && break
done
[[ -n $python ]] || { echo "python3-numpy and python3-h5py are missing"; exit 77; }
export PYTHONPATH=$OPTEX_SOURCE_DIR/python PYTHONDONTWRITEBYTECODE=1
expect_code 0 "$OPTEX" run softmax.toml -o run --method.update=replay --log.level=error
expect_code 0 "$OPTEX" run softmax.toml -o plain --method.name=vanilla --log.level=error

"$python" - <<'TEXT' || wrong "optex.load"
import json, numpy, optex

run = optex.load("run")
assert len(run) == 12 and "finished" in repr(run), run
assert run.theta.shape == (len(run.theta),) and numpy.isfinite(run.theta).all()
assert run.config["problem"]["name"] == "softmax" and run.config["method"]["parallelism"] == 4
assert run.metrics["iteration"].dtype == numpy.int64 and run.metrics["value"].dtype == float
lines = [json.loads(line) for line in open("run/metrics.jsonl")]
assert list(run.metrics["value"]) == [line["value"] for line in lines]
assert list(run.metrics["seconds_in.wait"]) == [line["seconds_in"]["wait"] for line in lines]
assert list(run.metrics["prediction_error"][5]) == lines[5]["prediction_error"]
assert numpy.isnan(run.metrics["final_value"][0]) and run.metrics["final_value"][-1] == run.status["final_value"]
assert run.events[0]["kind"] == "start" and run.provenance["ranks"] >= 1
TEXT
# Resumed and not finished: the answer in results.h5 is older than the newest checkpoint. Rounds are numbers, not texts.
cp -r run further
cp further/checkpoints/iteration-000012.h5 further/checkpoints/iteration-1000000.h5
"$python" - <<'TEXT' || wrong "optex.load of a run that was resumed and not finished"
import h5py, optex

with h5py.File("further/checkpoints/iteration-1000000.h5", "r+") as file:
    file["state/theta"][:] = 7.0
assert (optex.load("further").theta == 7.0).all(), "not the newest checkpoint"
with h5py.File("further/checkpoints/iteration-999999.h5", "w") as file:
    file["state/theta"] = [5.0]
assert (optex.load("further").theta == 7.0).all(), "sorted as text"
assert (optex.load("run").theta != 7.0).any()
TEXT
cp -r run damaged
rm damaged/results.h5 damaged/resolved.toml
printf '{' >damaged/status.json
head -c 4000 run/metrics.jsonl >damaged/metrics.jsonl
"$python" - <<'TEXT' || wrong "optex.load of a damaged folder"
import optex

run = optex.load("damaged")
assert 0 < len(run) < 12 and run.status == {} and run.config == {}
assert (run.theta == optex.load("run").theta).all() or run.theta.shape == optex.load("run").theta.shape
for folder, error in (("nowhere", FileNotFoundError), ("commands", ValueError)):
    try:
        optex.load(folder)
    except error as told:
        assert folder in str(told)
    else:
        raise AssertionError(folder)
TEXT
if "$python" -c 'import matplotlib' 2>/dev/null; then
  expect_code 0 "$python" "$OPTEX_SOURCE_DIR/examples/python/plot_runs.py" figure.png run plain
  expect_text out.txt "after 12 rounds"
  [[ $(head -c 4 figure.png | tail -c 3) == PNG ]] || wrong "no picture"
fi
