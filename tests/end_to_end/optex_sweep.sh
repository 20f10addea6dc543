#!/usr/bin/env bash
# optex sweep: every combination once, restarts, growing grids, Slurm arrays, mistakes.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
cat >grid.toml <<TEXT
[problem]
name = "rosenbrock"
dimension = 50
[stop]
iterations = 6
[sweep]
"method.name" = ["optex", "vanilla"]
"optimizer.learning_rate" = [0.01, 0.05]
TEXT
sweep=("$OPTEX" sweep grid.toml)
runs=("method=optex,learning_rate=0.01" "method=optex,learning_rate=0.05"
  "method=vanilla,learning_rate=0.01" "method=vanilla,learning_rate=0.05")
states() { python3 -c 'import csv,sys; print(*[r["state"] for r in csv.DictReader(open(sys.argv[1] + "/sweep.csv"))])' "$1"; }

# What no run of it can do is told once, before any of them.
sed 's/"rosenbrock"/"external"/' grid.toml >external.toml
expect_code 2 "$OPTEX" sweep external.toml
expect_text err.txt "use optex ask and optex tell"
[[ ! -e runs ]] || wrong "a sweep that cannot be made left something behind"

# A plan costs nothing; a sweep is what single runs are, on any number of ranks.
expect_code 0 "${sweep[@]}" --print
expect_text out.txt "    3  ${runs[3]}  waiting"
expect_text err.txt "sbatch --array=0-3"
[[ ! -e runs ]] || wrong "--print made a folder"
expect_code 0 "${sweep[@]}"
expect_text out.txt "4 runs: 4 finished"
expect_text err.txt "4/4  ${runs[3]}: finished (iterations), F = "
[[ $(states runs/grid) == "finished finished finished finished" ]] || wrong "the table: $(states runs/grid)"
# Another one that holds the lock is waited for, with a word, and not for ever.
flock runs/grid/.optex-sweep-lock sleep 20 &
holder=$!
OPTEX_LOCK_SECONDS=2 expect_code 6 "${sweep[@]}"
expect_text err.txt "waiting for the lock"
expect_text err.txt "another process has held the lock for 2 s"
pkill -P $holder
wait $holder
expect_code 0 on 3 "${sweep[@]}" -o three
sed '/^\[sweep\]/,$d' grid.toml >single.toml
expect_code 0 "$OPTEX" run single.toml --optimizer.learning_rate=0.05 --log.level=error -o single
same_solution single "runs/grid/${runs[1]}"
for run in "${runs[@]}"; do same_solution "runs/grid/$run" "three/$run"; done
expect_code 0 "$OPTEX" run "three/${runs[0]}/resolved.toml" -o again --log.level=error
same_solution again "three/${runs[0]}"

# What is done is not done again; a longer list makes what is new, a longer run goes on.
before=$(stat -c %Y%i "runs/grid/${runs[0]}/results.h5")
expect_code 0 "${sweep[@]}"
expect_text err.txt "1/4  ${runs[0]}: done already"
sed -i 's/\[0.01, 0.05\]/[0.01, 0.02, 0.05]/' grid.toml
expect_code 0 "${sweep[@]}"
[[ $(grep -c 'done already' err.txt) == 4 ]] || wrong "not exactly the new runs were made"
[[ $(stat -c %Y%i "runs/grid/${runs[0]}/results.h5") == "$before" ]] || wrong "a finished run was made again"
expect_code 0 "${sweep[@]}" --stop.iterations=9
[[ $(grep -c 'after 9 rounds' err.txt) == 6 ]] || wrong "longer runs did not go on"
expect_code 5 "${sweep[@]}" --optimizer.epsilon=1e-3
expect_text err.txt "optimizer.epsilon"
expect_code 0 "${sweep[@]}" --problem.dimension=60 --force
expect_code 0 "${sweep[@]}" --problem.dimension=60
[[ $(grep -c 'done already' err.txt) == 6 ]] || wrong "--force did not replace the runs"

# Jobs of an array, at the same time; the last one's table is whole.
for index in 0 1 2 3 4 5; do
  "${sweep[@]}" -o array --index $index >"array-$index.txt" 2>&1 &
done
wait
[[ $(states array) == "finished finished finished finished finished finished" ]] || wrong "the array: $(states array)"
expect_code 2 "${sweep[@]}" -o array --index 6
expect_text err.txt "--index: must be in [0, 5]"

# A run that fails does not keep the others from running, and is tried again.
sed 's/0.02, 0.05/1e200, 0.05/' grid.toml >bad.toml
expect_code 4 "$OPTEX" sweep bad.toml
[[ $(states runs/bad) == "finished finished finished finished failed finished" ]] || wrong "the table: $(states runs/bad)"
expect_code 4 in_accord 2 "$OPTEX" sweep bad.toml
[[ $(grep -c 'done already' err.txt) == 5 ]] || wrong "not exactly the failed runs were tried again"

# A signal ends the sweep; the same command goes on.
"${sweep[@]}" -o stopped --stop.iterations=400 --problem.dimension=2000 >out.txt 2>err.txt &
program=$!
for _ in {1..600}; do
  [[ ! -s "stopped/${runs[0]}/metrics.jsonl" ]] || break
  sleep 0.02
done
kill -s USR1 $program
wait $program
code=$?
[[ $code == 75 ]] || wrong "exit code $code after USR1"
[[ $(states stopped) == *waiting* ]] || wrong "stopped too late: the test shows nothing"
expect_code 0 "${sweep[@]}" -o stopped --stop.iterations=8 --problem.dimension=2000
[[ $(states stopped) == "finished finished finished finished finished finished" ]] || wrong "the rest did not follow"

# Mistakes, told once on any number of ranks, before a folder is made.
rm -r runs
refused() { # CODE TEXT OPTION...
  local code=$1 text=$2
  shift 2
  expect_code "$code" "$OPTEX" sweep "$@"
  expect_text err.txt "$text"
  expect_code "$code" on 3 "$OPTEX" sweep "$@"
  [[ $(grep -cF -- "$text" err.txt) == 1 ]] || wrong "'$text' is not told once"
  [[ ! -e runs ]] || wrong "a folder was made"
}
refused 2 "there is no table [sweep] in it" single.toml
refused 2 "did you mean 'dimension'" grid.toml --problem.dimnsion=3
refused 2 "give one of them" grid.toml --print --index 1
refused 2 "--index: must be an integer" grid.toml --index x
refused 9 "a single run is at home there" grid.toml -o single
expect_code 2 "$OPTEX" run grid.toml
expect_text err.txt "grid.toml:6:2: [sweep] describes several runs: 'optex sweep grid.toml' makes them"
