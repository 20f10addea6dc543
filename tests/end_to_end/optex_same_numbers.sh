#!/usr/bin/env bash
# The same bits on any number of ranks, and alone without a launcher, for every update rule and method.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"

((with_mpi)) || exit 77 # alone there is nothing to compare with
same_numbers=$1

# Every configuration goes through all that `optex run` does, on 1, 2, 3, 5 and 7 ranks: in one launch, at the end.
configuration=softmax.toml
check() { # NAME OPTION...
  (IFS=$'\t' && printf '%s\t%s\t%s\n' "$1" "$configuration" "${*:2}") >>list.txt
}
check auto
check replay --method.update=replay
check replay_f32 --method.update=replay --estimator.precision=f32
check replay_threads --method.update=replay --parallel.threads=3
check momentum --method.update=replay --optimizer.name=momentum --optimizer.learning_rate=0.1
check batches --method.update=sequence --estimator.name=mean --data.batch=2 --method.batches_per_point=3
check sequence --method.update=sequence --data.batch=3
check paper --method.preset=paper
check data_parallel --method.name=data_parallel --data.batch=2 --method.average=tail
check whitened --method.name=whitened --data.batch=2
check lbfgs --method.name=lbfgs
check surrogate --method.update=surrogate --method.history=9 --parallel.threads=3
check box_lbfgs --method.name=lbfgs --problem.lower=-0.02 --problem.upper=0.03
check box_replay --method.update=replay --problem.lower=-0.02 --problem.upper=0.03 --problem.scale=0.5
check anderson --method.name=anderson
check target --method.name=target
check target_tail --method.name=target --method.average=tail --data.batch=3
check vanilla --method.name=vanilla --parallel.coordinator_evaluates=false
mlp=(--problem.name=mlp "--problem.hidden=[9, 5]")
check mlp "${mlp[@]}" --method.update=replay
check mlp_tanh "${mlp[@]}" --problem.activation=tanh --problem.loss=squared_error --data.batch=10 --method.name=whitened
pairs=()
by_shard() { # NAME ALONE OPTION...: the numbers of a run with all data on every rank, each rank with its shards only
  check "$1" "${@:3}" --parallel.data=by_shard
  pairs+=("$2-1 $1-3")
}
by_shard auto_by_shard auto
by_shard whitened_by_shard whitened --method.name=whitened --data.batch=2
by_shard lbfgs_by_shard lbfgs --method.name=lbfgs
by_shard mlp_by_shard mlp "${mlp[@]}" --method.update=replay
by_shard vanilla_by_shard vanilla --method.name=vanilla --parallel.coordinator_evaluates=false
data() { # NAME PROBLEM SOURCE OPTION...: the same for data that come from files
  local name=$1 problem=$2 source=$3
  shift 3
  check "$name" --problem.name="$problem" --data.source="$source" "$@"
}
awk 'BEGIN { for (s = 0; s < 23; ++s) {
  line = (s * s + int(s / 3)) % 2 ? "+1" : "-1"
  for (f = 1 + s % 3; f <= 11; f += 3) line = line " " f ":" sin(3 * s + f)
  print line } }' >table.svm
awk '{ line = $1 > 0 ? 1 : 0; for (f = 2; f <= 4; ++f) { split($f, part, ":"); line = part[2] "," line } print line }' table.svm >table.csv
data logistic_sparse logistic ./table.svm --data.format=libsvm
data logistic_batches logistic ./table.svm --data.format=libsvm --data.batch=5
data logistic_dense logistic ./table.csv --data.format=csv --data.standardize=true
data softmax_sparse softmax ./table.svm --data.format=libsvm
data_by_shard() { # NAME ALONE PROBLEM SOURCE OPTION...
  by_shard "$1" "$2" --problem.name="$3" --data.source="$4" "${@:5}"
}
data_by_shard sparse_by_shard logistic_sparse logistic ./table.svm --data.format=libsvm
data_by_shard batches_by_shard logistic_batches logistic ./table.svm --data.format=libsvm --data.batch=5
data_by_shard dense_by_shard logistic_dense logistic ./table.csv --data.format=csv --data.standardize=true
seq 1 150 | tr '\n' ' ' >words.txt
data char_lm char_lm ./words.txt --data.batch=16 --problem.width=9
data_by_shard text_by_shard char_lm char_lm ./words.txt --data.batch=16 --problem.width=9
heat=(--problem.name=heat_inversion "--problem.cells=[9, 7]" --problem.sources=5)
sed '/^source/d; /^l2/d' softmax.toml >heat.toml
configuration=heat.toml
check heat "${heat[@]}" --method.update=replay
check heat_batches "${heat[@]}" --data.batch=2 --problem.measurements=boundary
check heat_box "${heat[@]}" --problem.unknown=conductivity --problem.lower=0.1 --problem.upper=9 --method.name=lbfgs
check dqn --problem.name=dqn --problem.buffer=200 --data.batch=32 --problem.target_every=3 --method.name=whitened

# Many runs in one launch: half a minute of two cores of its own, and a machine may have other work.
patience=600 expect_code 0 on 7 "$same_numbers" list.txt
for pair in "${pairs[@]}"; do
  # shellcheck disable=SC2086 # two words
  same_solution $pair
done

# What only the program itself shows: alone without a launcher, on other numbers of ranks, with threads.
expect_code 0 "$OPTEX" run softmax.toml -o auto-alone
for ranks in 4 9; do
  expect_code 0 on "$ranks" "$OPTEX" run softmax.toml -o "auto-on-$ranks" --parallel.threads=$((1 + ranks % 2))
done
for name in auto-1 auto-on-4 auto-on-9; do same_solution auto-alone "$name"; done
expect_code 0 "$OPTEX" run softmax.toml -o replay-threads --method.update=replay --parallel.threads=3
same_solution replay-1 replay-threads
# A run may go on with its data kept in the other way.
expect_code 0 on 2 "$OPTEX" run softmax.toml -o other-way --parallel.data=by_shard --stop.iterations=5
expect_code 0 on 3 "$OPTEX" resume other-way --parallel.data=everywhere --stop.iterations=12
same_solution auto-alone other-way
# The agent acts: F has moved. At first every action is random.
expect_text dqn-3/status.json '"exploration": 0.9'
other_solution replay-1 sequence-1 "other settings gave the same solution"
other_solution replay-1 replay_f32-1 "single precision changed nothing"
