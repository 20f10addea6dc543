#!/usr/bin/env bash
# optex compare: tables, files, the same findings on any number of ranks, restarts and mistakes.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
compare=("$OPTEX" compare softmax.toml)
findings() { cut -d, -f1-7 "$1/compare.csv"; } # all but times
look() { # FOLDER EXPRESSION: of Python, about the page
  python3 -c 'import json, sys
page = json.load(open(sys.argv[1] + "/compare.json"))
methods = {m["method"].split()[0]: m for m in page["methods"]}
sys.exit(0 if eval(sys.argv[2]) else 1)' "$1" "$2" || wrong "in $1: not $2"
}

# Exact gradients, tuned: alone and on three ranks.
expect_code 0 "${compare[@]}" -o alone
expect_text out.txt "By rounds to F <= "
expect_text out.txt "By wall time to F <= "
expect_text out.txt "target (ideal)"
look alone '{"vanilla", "target", "optex"} <= set(methods) and not page["noisy"] and len(page["targets"]) == 3'
look alone 'all(len(m["runs"]) == 1 for m in methods.values())'
look alone 'methods["vanilla"]["tuning"]["runs"] == 7 and methods["vanilla"]["tuning"]["evaluations"] == 7 * 12'
look alone '[t["reached"] for t in methods["vanilla"]["targets"]] == [1, 1, 1]'
look alone 'methods["target"]["targets"][2]["rounds"]["median"] < methods["vanilla"]["targets"][2]["rounds"]["median"]'
look alone 'page["verdict"]["target"] == page["targets"][2] and "target" not in page["verdict"]["by_rounds"]'
expect_code 0 on 3 "${compare[@]}" -o three
[[ $(findings alone) == "$(findings three)" ]] || wrong "three ranks found something else"
((!with_mpi)) || look three 'page["ranks"] == 3'

# A run in a comparison is the run that `optex run` makes.
expect_code 0 "${compare[@]}" -o plain --no-tune --methods vanilla,replay --targets -1
expect_text out.txt "Nobody reached any target"
for method in vanilla optex; do
  expect_code 0 "$OPTEX" run softmax.toml -o "$method" --method.name=$method \
    "$([[ $method == vanilla ]] && echo --log.every=5 || echo --method.update=replay)"
done
look plain 'methods["vanilla"]["runs"][0]["final_value"] == json.load(open("vanilla/status.json"))["final_value"]'
look plain 'methods["replay"]["runs"][0]["final_value"] == json.load(open("optex/status.json"))["final_value"]'
look plain 'methods["replay"]["runs"][0]["evaluations"] == json.load(open("optex/status.json"))["evaluations"]'
look plain 'methods["replay"]["tuning"]["runs"] == 0 and methods["replay"]["learning_rate"] == 0.05'

# Mini-batches: other methods, seeds, a tuning draw of its own; vanilla only says where the targets are.
noisy=(--data.batch=20 --seeds 2 --grid "0.01,0.02" --every 3 --stop.iterations=30)
expect_code 0 on 2 "${compare[@]}" -o noisy "${noisy[@]}" --methods data_parallel,data_parallel_averaged,target,whitened
expect_text out.txt "medians over 2 seeds"
look noisy 'page["noisy"] and len(methods) == 4 and all(len(m["runs"]) == 2 for m in methods.values())'
look noisy 'all(m["tuning"]["runs"] == 2 for m in methods.values())'
look noisy 'all(r["rounds"] % 3 == 0 for m in methods.values() for r in m["runs"])'
expect_code 0 "${compare[@]}" -o usual --data.batch=20 --no-tune --seeds 1 --optimizer.learning_rate=0.01 --stop.iterations=30
look usual '{"vanilla", "data_parallel", "data_parallel_averaged", "target", "whitened", "sequence"} == set(methods)'

# Finished runs are not repeated; another number of ranks, however, has other wall times.
runs=$(wc -l <alone/compare-runs.jsonl)
before=$(cat alone/compare.csv)
rm alone/compare.csv alone/compare.json
cp -r "$OPTEX_SOURCE_DIR/tests/data/formula" pictures # the same data elsewhere
expect_code 0 "${compare[@]}" -o alone --resume --data.source=./pictures
expect_text err.txt "is done already"
[[ $(wc -l <alone/compare-runs.jsonl) == "$runs" ]] || wrong "finished runs were made again"
[[ $(cat alone/compare.csv) == "$before" ]] || wrong "the findings changed"
expect_code 9 "${compare[@]}" -o alone
expect_text err.txt "--resume"
expect_code 5 "${compare[@]}" -o alone --resume --problem.l2=1
expect_text err.txt "problem.l2"
expect_code 0 "${compare[@]}" -o alone --force --methods vanilla --no-tune
[[ $(wc -l <alone/compare-runs.jsonl) == 1 ]] || wrong "--force kept an earlier comparison"

# A signal: what is finished is kept, the rest follows.
long=(--methods "replay,sequence" --grid "0.02,0.03,0.05" --targets -1 --stop.iterations=200 -o stopped)
finished() { if [[ -r stopped/compare-runs.jsonl ]]; then wc -l <stopped/compare-runs.jsonl; else echo 0; fi; }
for signal in USR1 TERM; do
  before=$(finished)
  "${compare[@]}" "${long[@]}" --resume >out.txt 2>err.txt &
  program=$!
  for _ in {1..600}; do
    (($(finished) <= before)) || break
    sleep 0.02
  done
  kill -s "$signal" "$program"
  wait "$program"
  code=$?
  [[ $code == 75 ]] || wrong "exit code $code after $signal"
  expect_text err.txt "the same command with --resume goes on"
done
[[ ! -e stopped/compare.json ]] || wrong "stopped too late: the test shows nothing"
cp stopped/compare-runs.jsonl kept.jsonl
expect_code 0 "${compare[@]}" "${long[@]}" --resume
cmp -s -n "$(stat -c %s kept.jsonl)" kept.jsonl stopped/compare-runs.jsonl || wrong "finished runs were not kept"

# Mistakes, told once on any number of ranks, before a folder is made.
refused() { # CODE TEXT OPTION...
  local code=$1 text=$2
  shift 2
  expect_code "$code" "${compare[@]}" "$@"
  expect_text err.txt "$text"
  expect_code "$code" on 3 "${compare[@]}" "$@"
  [[ $(grep -cF -- "$text" err.txt) == 1 ]] || wrong "'$text' is not told once"
  [[ ! -e runs ]] || wrong "a folder was made"
}
refused 2 "did you mean 'vanilla'" --methods vanila
refused 2 "whitened does not go with this configuration: optimizer.name" --methods whitened --optimizer.name=sgd
refused 2 "another one's name for the same settings" --methods vanilla,vanilla
refused 2 "--targets: must be numbers" --targets 0.1,x
refused 2 "--grid: must be numbers > 0" --grid 0.1,-1
refused 2 "--seeds: must be an integer in [1, 1000]" --seeds 0
refused 2 "give one of them" --no-tune --grid 0.1
refused 2 "give one of them" --resume --force
refused 2 "did you mean 'learning_rate'" --optimizer.learning_rte=0.1
sed -i 's/^iterations = 12/value = 0.1/' softmax.toml
refused 2 "optex compare needs stop.iterations" --methods vanilla
