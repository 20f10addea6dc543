#!/usr/bin/env bash
# Ranks, arguments, exit codes and signals on one machine.
# shellcheck source=tests/end_to_end/run_cluster_project.sh
source "$(dirname "${BASH_SOURCE[0]}")/run_cluster_project.sh"
[[ -n ${OPTEX_MPIEXEC:-} ]] || exit 77
run=project/run_cluster.sh
config=project/configs/success.toml

expect_code 0 "$run" --ranks 3 "$config" --stop.iterations=5 -o "a folder" --dry-run
expect_text out.txt "size 3 arguments run $config --stop.iterations=5 -o a folder --dry-run"
expect_code 0 "$run" "$config"
expect_text out.txt " arguments run $config"

# The exit code is that of the program, and its error is the last line, whatever the launcher adds.
echo 'if [[ $rank == 0 ]]; then echo "optex: error: no such thing" >&2; exit 5; fi' >project/configs/failing.toml
expect_code 5 "$run" --ranks 2 project/configs/failing.toml
[[ $(tail -n 1 err.txt) == "optex: error: no such thing" ]] || wrong "the cause is not the last line"
echo 'if [[ $rank == 0 ]]; then exit 6; fi' >project/configs/silent.toml
expect_code 6 "$run" --ranks 2 project/configs/silent.toml
expect_text err.txt "ended with exit code 6"

# USR1 reaches the ranks: they checkpoint, and the script says how to go on.
echo 'echo ready; for i in {1..300}; do sleep 0.1; done' >project/configs/long.toml
stop_with() { # SIGNAL...
  : >out.txt # what is in it is of the run before
  timeout 60 "$run" --ranks 2 project/configs/long.toml >out.txt 2>err.txt </dev/null &
  local waiting=$! script
  for _ in {1..300}; do
    [[ $(grep -c ready out.txt) == 2 ]] && break
    sleep 0.1
  done
  script=$(pgrep -P "$waiting") # below timeout
  kill -s "$1" "$script"
  while shift && (($#)); do
    sleep 0.2
    kill -s "$1" "$script"
  done
  wait "$waiting"
}
# A launcher may end a moment before the ranks that it has killed.
expect_no_ranks() {
  for _ in {1..100}; do
    pgrep -f "$PWD/project/build/release/bin/optex" >ranks.txt || return 0
    sleep 0.1
  done
  wrong "ranks are left behind: $(tr '\n' ' ' <ranks.txt)"
}
stop_with USR1
code=$?
[[ $code == 75 ]] || wrong "exit code $code after USR1"
expect_text err.txt "optex: checkpointed"
expect_text err.txt "start the same command with --resume"
stop_with TERM
code=$?
[[ $code != 0 && $code != 75 && $code != 124 ]] || wrong "exit code $code after TERM"
expect_no_ranks

# A launcher that is told twice kills: it is told once, whatever the user does, and the run can save itself.
cat >project/configs/long.toml <<'TEXT'
saved() { trap '' TERM INT; [[ $rank == 0 ]] || sleep 10; sleep 0.4; status 75 3; echo "optex: checkpointed" >&2; exit 75; }
trap saved TERM INT
[[ $rank != 0 ]] || status null 2
echo ready; for i in {1..300}; do sleep 0.1; done
TEXT
for signals in "TERM TERM" "INT INT" "TERM INT TERM"; do
  # shellcheck disable=SC2086 # words
  stop_with $signals
  code=$?
  [[ $code == 75 ]] || wrong "exit code $code after $signals"
  expect_text err.txt "this signal is not passed on"
done
echo 'echo ready; for i in {1..300}; do sleep 0.1; done' >project/configs/long.toml

# A launcher that has not reached its hosts yet would fail over USR1: it gets the signal when the run has begun.
cat >late <<TEXT
#!/usr/bin/env bash
trap 'echo "signalled too early" >&2; exit 244' USR1
touch launching
for i in {1..20}; do sleep 0.1; done
trap - USR1
exec "$OPTEX_MPIEXEC" "\$@"
TEXT
chmod +x late
cache=project/build/release/CMakeCache.txt
cp $cache cache.bak
sed -i "s|^MPIEXEC_EXECUTABLE:.*|MPIEXEC_EXECUTABLE:FILEPATH=$PWD/late|" $cache
rm -f launching
timeout 60 "$run" --ranks 2 project/configs/long.toml >out.txt 2>err.txt </dev/null &
waiting=$!
for _ in {1..300}; do
  [[ ! -e launching ]] || break
  sleep 0.1
done
kill -s USR1 "$(pgrep -P "$waiting")"
wait "$waiting"
code=$?
[[ $code == 75 ]] || wrong "exit code $code after an early USR1"
expect_text err.txt "optex: checkpointed"
mv cache.bak $cache

# A rank dies: the cause comes last, and the run is started again from its checkpoint as often as was asked for.
echo 'if [[ $rank == 1 ]]; then sleep 1; kill -9 $$; fi; sleep 20' >project/configs/dying.toml
expect_code 7 "$run" --ranks 2 project/configs/dying.toml
[[ $(tail -n 1 err.txt) == "optex: error: "*"rank"*"was ended by signal 9 (Killed)" ]] || wrong "the cause is not the last line"
# Also when rank 0, which the launcher ends then, speaks of the signal only.
cat >project/configs/dying.toml <<'TEXT'
if [[ $rank == 0 ]]; then trap 'status 75 4; exit 75' TERM; status null 3; else sleep 1; kill -9 $$; fi
for i in {1..200}; do sleep 0.1; done
TEXT
expect_code 7 "$run" --ranks 2 project/configs/dying.toml
[[ $(tail -n 1 err.txt) == "optex: error: "*"rank"*"was ended by signal 9 (Killed)" ]] || wrong "the cause is not the last line"
# Rank 0 that ends without a word has failed, whatever it returns.
echo 'status null 3; exit 0' >project/configs/wordless.toml
expect_code 7 "$run" --ranks 1 project/configs/wordless.toml
expect_text err.txt "rank 0 has ended without a word"
# What an earlier start has left says nothing, though a file server's clock be ahead.
echo 'touch -d "now + 1 hour" runs/stand_in/status.json; for i in {1..30}; do sleep 0.1; done; exit 5' >project/configs/ahead.toml
mkdir -p runs/stand_in
printf '{\n  "exit_code": 0,\n  "start_id": "before",\n  "pid": 1,\n  "host": "elsewhere"\n}\n' >runs/stand_in/status.json
OPTEX_LAUNCHER_SECONDS=1 expect_code 5 "$run" --ranks 1 project/configs/ahead.toml
expect_no_text err.txt "it is killed"
rm -r runs

cat >project/configs/lossy.toml <<'TEXT'
if [[ $rank == 0 ]]; then echo "$*" >>tries.txt; (($(wc -l <tries.txt) >= 3)) || { echo "optex: error: rank 1 is silent" >&2; exit 7; }; fi
TEXT
expect_code 0 "$run" --ranks 2 --restarts 2 project/configs/lossy.toml --force
expect_text err.txt "starting again from the last checkpoint (2 of 2)"
[[ $(head -n 1 tries.txt) == "run project/configs/lossy.toml --force" ]] || wrong "$(cat tries.txt)"
[[ $(tail -n 1 tries.txt) == "run project/configs/lossy.toml --resume" ]] || wrong "$(cat tries.txt)"
rm tries.txt
expect_code 7 "$run" --ranks 2 --restarts=1 project/configs/lossy.toml
[[ $(wc -l <tries.txt) == 2 ]] || wrong "$(cat tries.txt)"

# A launcher that does not end although the run is over is killed; the code is that of the run.
printf '\n[failure]\nlost_rank = "continue"\n' >project/configs/hanging.resolved
cat >project/configs/hanging.toml <<'TEXT'
trap '' TERM
if [[ $rank == 0 ]]; then
  status "$CODE" 1 elsewhere
  echo "launcher told: ${OMPI_MCA_orte_abort_on_non_zero_status:-}"
fi
for i in {1..600}; do sleep 0.1; done
TEXT
for code in 7 0; do
  CODE=$code OPTEX_LAUNCHER_SECONDS=1 expect_code $code "$run" --ranks 2 project/configs/hanging.toml
  expect_text err.txt "its launcher does not end; it is killed"
  expect_text out.txt "launcher told: 0"
  expect_no_ranks
done

# So is one that never gets so far as to start a rank.
cat >never <<'TEXT'
#!/usr/bin/env bash
for i in {1..600}; do sleep 0.1; done
TEXT
chmod +x never
cp $cache cache.bak
sed -i "s|^MPIEXEC_EXECUTABLE:.*|MPIEXEC_EXECUTABLE:FILEPATH=$PWD/never|" $cache
OPTEX_LAUNCH_SECONDS=1 expect_code 7 "$run" --ranks 2 "$config"
[[ $(tail -n 1 err.txt) == "optex: error: no process of the run has begun within 1 s"* ]] || wrong "the cause is not the last line"
! pgrep -f "$PWD/never" || wrong "the launcher is left behind"
mv cache.bak $cache
