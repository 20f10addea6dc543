#!/usr/bin/env bash
# Rounds that are closed without a slow worker: what is refused, what is recorded, and the same numbers again from the record.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"

# ---- bad values, and settings that cannot do without a point
refused() { # TEXT OPTION...
  expect_code 2 "$OPTEX" run softmax.toml -o none "${@:2}"
  expect_text err.txt "$1"
  [[ ! -e none ]] || wrong "a run's folder was made"
}
quorum=(--method.update=replay --failure.quorum=0.75)
for value in 0 -0.5 1.5 nan half; do refused "failure.quorum" --method.update=replay "--failure.quorum=$value"; done
for method in vanilla target whitened data_parallel lbfgs anderson; do
  refused "must be 1 with method.name = \"$method\"" "--method.name=$method" --failure.quorum=0.5
done
refused "must be 1 or at most 0.75 with method.parallelism = 4: 0.8 of them are all of them" --method.update=replay --failure.quorum=0.8
refused "with method.parallelism = 1" --method.update=replay --method.parallelism=1 --failure.quorum=0.5
refused "by_shard" "${quorum[@]}" --parallel.data=by_shard
refused 'failure.evaluation = "drop"' "${quorum[@]}" --failure.evaluation=drop
refused "batches_per_point" --method.update=sequence --failure.quorum=0.5 --data.batch=2 --method.batches_per_point=2
expect_code 2 "$OPTEX" compare softmax.toml -o none "${quorum[@]}"
expect_text err.txt "failure.quorum: must be 1 in a comparison"

expect_code 0 "$OPTEX" check softmax.toml --ranks 4 "${quorum[@]}"
expect_text out.txt "a round of 4 points may be closed when 3 are there"
expect_code 0 "$OPTEX" check softmax.toml "${quorum[@]}"
expect_text err.txt "failure.quorum has no effect on one rank"
expect_code 0 "$OPTEX" check softmax.toml
expect_no_text out.txt "quorum"

# ---- alone, a quorum changes no bit; what arrived is on record all the same
expect_code 0 "$OPTEX" run softmax.toml -o plain --method.update=replay
expect_no_text plain/events.jsonl '"quorum"'
expect_code 0 "$OPTEX" run softmax.toml -o alone "${quorum[@]}"
same_solution plain alone
[[ $(grep -c '"kind":"quorum"' alone/events.jsonl) == 12 ]] || wrong "not a record for each of 12 rounds"
cp -r "$OPTEX_SOURCE_DIR/tests/data/formula" pictures # data that have been moved are the same
expect_code 0 "$OPTEX" run softmax.toml -o alone-again --replay alone "${quorum[@]}" --data.source=./pictures
same_solution alone alone-again

# What a replay needs is on disk before a checkpoint of these rounds is there.
cat >order.c <<'TEXT'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static void note(const char* what, const char* path) {
  FILE* log = fopen("order.txt", "a");
  if (log) fprintf(log, "%s %s\n", what, path), fclose(log);
}
static void note_descriptor(const char* what, int descriptor) {
  char link[64], path[4096] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  if (readlink(link, path, sizeof path - 1) > 0) note(what, path);
}
ssize_t write(int descriptor, const void* bytes, size_t count) {
  const ssize_t written = ((ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write"))(descriptor, bytes, count);
  if (memmem(bytes, count, "\"kind\":\"quorum\"", 15)) note_descriptor("write", descriptor); /* after it, */
  return written;
}
int fsync(int descriptor) {
  note_descriptor("sync", descriptor); /* and before it: nothing counts as forced that is not */
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  note("rename", to);
  return ((int (*)(int, const char*, int, const char*))dlsym(RTLD_NEXT, "renameat"))(from_folder, from, to_folder, to);
}
TEXT
"${CC:-cc}" -shared -fPIC -O1 -o order.so order.c -ldl || wrong "the library that notes what is forced to disk does not compile"
expect_code 0 env LD_PRELOAD="$PWD/order.so" "$OPTEX" run softmax.toml -o forced "${quorum[@]}"
same_solution alone forced
# Checkpoint n needs the records of n rounds; the thread that writes it may force later ones, too.
awk '/^write .*events\.jsonl$/ { ++written }
  /^sync .*events\.jsonl$/ { forced = written }
  /^rename .*iteration-[0-9]+\.h5$/ { ++count; if (forced < count) late = 1 }
  END { exit late || count != 12 || written != 12 }' order.txt || wrong "a checkpoint came before the records of its rounds"
rm order.txt
expect_code 0 env LD_PRELOAD="$PWD/order.so" "$OPTEX" run softmax.toml -o forced-plain --method.update=replay
expect_no_text order.txt "events.jsonl"

refused "not a run's folder" "${quorum[@]}" --replay nowhere
refused "tells of no round" --method.update=replay --replay plain
refused "failure.quorum (0.75 there, 0.5 here)" --method.update=replay --failure.quorum=0.5 --replay alone
refused "run.seed (0 there, 3 here)" "${quorum[@]}" --run.seed=3 --replay alone

# ---- with a slow worker
((with_mpi)) || exit 0
{
  echo '#define _POSIX_C_SOURCE 200809L'
  echo '#include <stdlib.h>'
  echo '#include <time.h>'
  echo 'static void straggle(void) {'
  echo '  const char* worker = getenv("OPTEX_WORKER");'
  echo '  const char* slow = getenv("STRAGGLER");'
  # Ten times as slow as the others, so that its answers come within so many rounds, however fast the machine is.
  echo '  const int straggles = worker && slow && worker[0] == slow[0];'
  echo '  const struct timespec nap = {0, straggles ? 40000000 : 4000000};'
  echo '  if (slow && *slow) nanosleep(&nap, NULL);'
  echo '}'
  sed 's|  (void)key;|  (void)key;\n  straggle();|' "$OPTEX_SOURCE_DIR/examples/plugin/well.c"
} >straggler.c
"${CC:-cc}" -shared -fPIC -O2 -I"$OPTEX_SOURCE_DIR/include" -o straggler.so straggler.c -lm ||
  wrong "the plug-in does not compile"
sed 's|well.so|straggler.so|; s|^library.*|library = "./straggler.so"|' "$OPTEX_SOURCE_DIR/examples/plugin/well.toml" >straggler.toml
export STRAGGLER=1
slow=(--method.update=replay --method.parallelism=4 --failure.quorum=0.75 '--checkpoint.every=1 iterations' --checkpoint.keep=70)
to_end=(--stop.iterations=16)

# The deterministic part of the metrics: all but times.
metrics() { sed 's/"seconds_in":{[^}]*}//; s/"seconds":[^,}]*//' "$1/metrics.jsonl"; }
same_run() { # RUN RUN
  same_solution "$1" "$2"
  cmp -s <(metrics "$1") <(metrics "$2") || wrong "$1 and $2 have different metrics: $(diff <(metrics "$1") <(metrics "$2") | head -n 4)"
}

expect_code 0 on 3 "$OPTEX" run straggler.toml -o by-clock "${slow[@]}" "${to_end[@]}"
grep -q '"kind":"quorum".*"points":4,"arrived":\[[0-9],[0-9],[0-9]\]' by-clock/events.jsonl || wrong "no round was closed early"
grep -q '"kind":"quorum".*"late":\[\[' by-clock/events.jsonl || wrong "no late gradient came"
# A replay goes by the record, not by the clock: once more with another slow worker, and where nobody is slow.
for ranks in 1 2 4; do
  STRAGGLER=$( ((ranks != 4)) || echo 2) expect_code 0 on "$ranks" "$OPTEX" run straggler.toml -o "replay-$ranks" --replay by-clock "${slow[@]}" "${to_end[@]}"
  same_run by-clock "replay-$ranks"
done
cmp -s <(grep -o '"round":.*' by-clock/events.jsonl) <(grep -o '"round":.*' replay-1/events.jsonl) || wrong "a replay records something else"

# The rule for exact gradients waits for its guard and for the model's first point, and does without probes.
model=("${slow[@]/#--method.update=replay/--method.update=surrogate}")
expect_code 0 on 3 "$OPTEX" run straggler.toml -o model "${model[@]}" "${to_end[@]}"
grep -q '"kind":"quorum".*"points":4,"arrived":\[[0-9],[0-9],[0-9]\]' model/events.jsonl || wrong "no round of the model was closed early"
STRAGGLER='' expect_code 0 on 2 "$OPTEX" run straggler.toml -o model-again --replay model "${model[@]}" "${to_end[@]}"
same_run model model-again

# Stopped and resumed with points outstanding, on other ranks, by the clock; then replayed.
expect_code 0 on 3 "$OPTEX" run straggler.toml -o parts "${slow[@]}" --stop.iterations=7
for stop in 9 12 16; do
  STRAGGLER=$((stop % 2)) expect_code 0 on 2 "$OPTEX" resume parts --stop.iterations=$stop
done
[[ -n $(for file in parts/checkpoints/*.h5; do h5dump -n "$file"; done | grep /state/outstanding/theta) ]] || wrong "no checkpoint holds an outstanding point"
cp -r parts waiting
mapfile -t waiting < <(for file in waiting/checkpoints/*.h5; do ! h5dump -n "$file" | grep -q /state/outstanding || echo "$file"; done)
for file in waiting/checkpoints/*.h5; do [[ ! $file > ${waiting[-1]} ]] || rm "$file"; done
expect_code 2 "$OPTEX" resume waiting --failure.quorum=1 --failure.evaluation=drop
expect_text err.txt "of earlier rounds are outstanding"
expect_code 0 on 2 "$OPTEX" resume waiting --failure.quorum=1
STRAGGLER='' expect_code 0 "$OPTEX" run straggler.toml -o parts-replay --replay parts "${slow[@]}" "${to_end[@]}"
same_run parts parts-replay

# A replay may be stopped, too, but does not go on by the clock.
STRAGGLER='' expect_code 0 on 2 "$OPTEX" run straggler.toml -o replay-parts --replay by-clock "${slow[@]}" --stop.iterations=8
expect_code 2 "$OPTEX" resume replay-parts --stop.iterations=16
expect_text err.txt "this run replays by-clock"
STRAGGLER='' expect_code 0 on 3 "$OPTEX" resume replay-parts --replay by-clock --stop.iterations=16
same_run by-clock replay-parts

# Stopped by a signal within a round.
"$OPTEX_ON_RANKS" 3 "$OPTEX" run straggler.toml -o stopped "${slow[@]}" --stop.iterations=60 >out.txt 2>err.txt &
launcher=$!
for _ in {1..600}; do
  [[ -r stopped/metrics.jsonl ]] && (($(wc -l <stopped/metrics.jsonl) >= 8)) && break
  sleep 0.02
done
kill "$launcher"
wait "$launcher"
expect_text stopped/status.json '"state": "stopped"'
expect_code 0 on 3 "$OPTEX" resume stopped --stop.iterations=60
STRAGGLER='' expect_code 0 on 2 "$OPTEX" run straggler.toml -o stopped-replay --replay stopped "${slow[@]}" --stop.iterations=60
same_run stopped stopped-replay
