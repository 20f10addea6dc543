#!/usr/bin/env bash
# A run that was killed, or stopped by a signal, goes on to the very numbers of one that was not.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"

# Rounds enough to be killed in the middle; every round is checkpointed.
long=(--method.update=replay --stop.iterations=400 --stop.gradient_tolerance=0 --stop.precision=0 --method.parallelism=5)
expect_code 0 "$OPTEX" run softmax.toml -o whole "${long[@]}"
lines=$(wc -l <whole/metrics.jsonl)
[[ $lines == 400 ]] || wrong "$lines lines of metrics for 400 rounds"

rounds_of() { if [[ -r $1/metrics.jsonl ]]; then wc -l <"$1/metrics.jsonl"; else echo 0; fi; }
start_and_signal() { # RUN SIGNAL
  "$OPTEX" run softmax.toml -o "$1" "${long[@]}" >out.txt 2>err.txt &
  local program=$!
  for _ in {1..600}; do
    (($(rounds_of "$1") < 5)) || break
    sleep 0.02
  done
  kill -s "$2" "$program"
  wait "$program"
}

start_and_signal killed KILL
[[ ! -e killed/results.h5 ]] || wrong "killed too late: the test shows nothing"
expect_code 0 on 3 "$OPTEX" resume killed
same_solution whole killed
[[ $(rounds_of killed) == 400 ]] || wrong "the resumed run has $(rounds_of killed) lines of metrics"

start_and_signal stopped USR1
code=$?
[[ $code == 75 ]] || wrong "exit code $code after USR1"
expect_text stopped/status.json '"state": "stopped"'
mv stopped moved # a folder may be moved between two starts
expect_code 0 on 2 "$OPTEX" run softmax.toml -o moved --resume "${long[@]}"
same_solution whole moved

# Half of the rounds on two ranks, the rest on five; then on, past the end that was planned.
expect_code 0 on 2 "$OPTEX" run softmax.toml -o parts --stop.iterations=6
expect_code 0 on 5 "$OPTEX" resume parts --stop.iterations=12
expect_code 0 "$OPTEX" run softmax.toml -o twelve
same_solution parts twelve
expect_code 0 "$OPTEX" resume parts --stop.iterations=12
same_solution parts twelve

# What a run has read may be gone or elsewhere when it goes on; a configuration that is edited in its folder is told.
mkdir -p real/deep && ln -s real/deep link
start=$PWD/start.h5
expect_code 0 "$OPTEX" run softmax.toml -o link/../first --stop.iterations=1
[[ -d real/first ]] || wrong "-o link/../first is not where the kernel has it"
cp real/first/results.h5 "$start"
expect_code 0 "$OPTEX" run softmax.toml -o begun "--problem.initial=$start:/solution/theta" --stop.iterations=4
expect_code 0 "$OPTEX" run softmax.toml -o begun-whole "--problem.initial=$start:/solution/theta" --stop.iterations=8
mv "$start" elsewhere.h5
echo '# edited' >>begun/config.toml
expect_code 0 "$OPTEX" resume begun --stop.iterations=6
expect_text err.txt "begun/config.toml has been changed since the run began"
expect_code 0 "$OPTEX" resume begun "--problem.initial=./elsewhere.h5:/solution/theta" --stop.iterations=8
! grep -q "has been changed" err.txt || wrong "told twice"
same_solution begun-whole begun

# Methods that remember differences, and a line search that is under way.
for method in lbfgs anderson optex single surrogate; do
  rounds=("--method.name=$method" --checkpoint.keep=20)
  # a history in single precision, whose origin has moved
  [[ $method != single ]] || rounds=(--method.update=replay --method.history=5 --estimator.precision=f32 --checkpoint.keep=20)
  [[ $method != surrogate ]] || rounds=(--method.update=surrogate --method.history=12 --checkpoint.keep=20)
  # and a history that is kept in units of its own, in a box
  [[ $method != optex ]] || rounds+=(--method.update=replay --problem.scale=0.3 --problem.lower=-0.05)
  expect_code 0 "$OPTEX" run softmax.toml -o "$method" "${rounds[@]}" --stop.iterations=14
  for stop in 4 7; do
    expect_code 0 on 3 "$OPTEX" run softmax.toml -o "$method-$stop" "${rounds[@]}" --stop.iterations=$stop
    expect_code 0 on 2 "$OPTEX" resume "$method-$stop" --stop.iterations=14
    same_solution "$method" "$method-$stop"
  done
done

# An objective that moves: replay buffer, target network and the episode that is under way are part of the run.
sed '/^source/d; /^l2/d; s/"softmax"/"dqn"/; s/0.05/0.002/' softmax.toml >dqn.toml
agent=(--method.name=whitened --problem.buffer=300 --data.batch=32 --problem.target_every=5 --checkpoint.keep=20)
expect_code 0 "$OPTEX" run dqn.toml -o dqn "${agent[@]}" --stop.iterations=14
expect_code 0 on 3 "$OPTEX" run dqn.toml -o dqn-7 "${agent[@]}" --stop.iterations=7
expect_code 0 on 2 "$OPTEX" resume dqn-7 --stop.iterations=14
same_solution dqn dqn-7
expect_text out.txt "mean_return"

# The newest checkpoint is damaged: the one before it serves, and that is said.
newest=$(find parts/checkpoints -name '*.h5' | sort | tail -n 1)
printf 'x' | dd of="$newest" bs=1 seek=3000 conv=notrunc status=none
expect_code 0 "$OPTEX" resume parts
expect_text err.txt "$(basename "$newest")"
same_solution parts twelve

# A time limit that has passed: no second round is begun, and the run goes on to the same numbers.
OPTEX_DEADLINE=1 expect_code 75 "$OPTEX" run softmax.toml -o limited
expect_text limited/status.json '"reason": "time_limit"'
expect_text limited/status.json '"iteration": 1,'
expect_code 0 on 2 "$OPTEX" resume limited
same_solution limited twelve
# A script that reads status.json asks for 0: a launcher takes anything else for a crash, and says so at length.
OPTEX_CODE_IN_STATUS=1 OPTEX_DEADLINE=1 expect_code 0 on 2 "$OPTEX" run softmax.toml -o quiet
expect_text quiet/status.json '"exit_code": 75'
expect_no_text err.txt "non-zero"
OPTEX_DEADLINE=soon expect_code 2 "$OPTEX" run softmax.toml -o never
expect_text err.txt "OPTEX_DEADLINE = soon: must be a time in seconds since 1970"

# What the settings stand for must be the same, too: the numbers behind the bounds and the scale, and the data.
sed '/^source/d; /^l2/d; s/"softmax"/"sphere"\ndimension = 8/; /^.data/d; /^shards/d' softmax.toml >sphere.toml
numbers() { # NAME NUMBER: eight of them as NAME.h5:/all
  rm -f "$1.h5"
  for _ in {1..8}; do echo "$2"; done >numbers.txt
  h5import numbers.txt -d 8 -p all -t TEXTFP -s 64 -o "$1.h5" >/dev/null || wrong "h5import failed"
}
numbers lower 0.1
numbers upper 0.4
numbers scale 2
in_box=(--problem.lower=lower.h5:/all --problem.upper=upper.h5:/all --problem.scale=scale.h5:/all)
expect_code 0 "$OPTEX" run sphere.toml -o box "${in_box[@]}"
expect_code 0 on 2 "$OPTEX" run sphere.toml -o box-6 "${in_box[@]}" --stop.iterations=6
for key in lower upper scale; do
  mv "$key.h5" kept.h5
  numbers "$key" 0.3
  expect_code 5 in_accord 2 "$OPTEX" resume box-6 --stop.iterations=12
  expect_text err.txt "other content in the file of problem.$key = \"$PWD/$key.h5:/all\";"
  mv kept.h5 "$key.h5"
done
numbers lower 0.1 # the same numbers in another file will do
expect_code 0 on 3 "$OPTEX" resume box-6 --stop.iterations=12
same_solution box box-6

cp -r "$OPTEX_SOURCE_DIR/tests/data/formula" pictures
expect_code 0 on 2 "$OPTEX" run softmax.toml -o data-6 --data.source=./pictures --stop.iterations=6
labels=pictures/train-labels-idx1-ubyte
cp "$labels" kept
first=$(od -An -tu1 -j8 -N1 kept | tr -d ' ')
printf '%b' "\\x0$((first == 0 ? 1 : 0))" | dd of="$labels" bs=1 seek=8 conv=notrunc status=none
expect_code 5 in_accord 2 "$OPTEX" resume data-6 --stop.iterations=12
expect_text err.txt "it was made with other data"
cp kept "$labels"
expect_code 0 on 3 "$OPTEX" resume data-6 --stop.iterations=12 --parallel.data=by_shard
same_solution twelve data-6
