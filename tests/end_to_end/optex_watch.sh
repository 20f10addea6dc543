#!/usr/bin/env bash
# optex watch: a job that runs, one that is over, a sweep, and folders without runs.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
cat >sphere.toml <<TEXT
problem.name = "sphere"
problem.dimension = 50
method.update = "replay"
stop.iterations = 1000000
stop.gradient_tolerance = 0
stop.precision = 0
stop.seconds = 3
log.level = "error"
TEXT
on 2 "$OPTEX" run sphere.toml -o run >run.txt 2>&1 &
for _ in {1..300}; do
  [[ ! -s run/metrics.jsonl ]] || break
  sleep 0.02
done
expect_code 0 "$OPTEX" watch run --once
expect_text out.txt "run  running"
expect_text out.txt " of 1000000"
expect_text out.txt " left"
expect_code 0 "$OPTEX" watch run --every 0.5
expect_text out.txt "run  running"
[[ $(tail -n 1 out.txt) == *"finished (seconds)"* ]] || wrong "it did not end with the run"
wait
expect_code 0 "$OPTEX" watch run --once
expect_text out.txt "finished (seconds)"
((!with_mpi)) || expect_text out.txt "2 ranks"
# On a terminal the view is drawn over.
if command -v script >/dev/null; then
  TERM=xterm timeout 60 script -qec "'$OPTEX' watch run" /dev/null >screen.txt
  expect_text screen.txt "finished"
fi

sed -i '/^stop.seconds/d; s/1000000/5/' sphere.toml
printf '[sweep]\nseeds = 3\n' >>sphere.toml
expect_code 0 "$OPTEX" sweep sphere.toml -o grid
expect_code 0 "$OPTEX" watch grid
expect_text out.txt "3 runs: 3 finished"
expect_text out.txt "seed=2  finished (iterations)  round 5/5"

mkdir empty
expect_code 2 "$OPTEX" watch empty
expect_text err.txt "there is no run in it"
expect_code 2 "$OPTEX" watch nowhere
expect_text err.txt "nowhere: no such folder"
expect_code 2 "$OPTEX" watch run --every 0
expect_text err.txt "--every: must be a number"
