#!/usr/bin/env bash
# The same bits on any number of ranks, and alone without a launcher, for every update rule and method.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"

check() { # NAME OPTION...
  local name=$1 ranks
  shift
  expect_code 0 "$OPTEX" run softmax.toml -o "$name-alone" "$@"
  for ranks in 2 3 5 7; do
    expect_code 0 on "$ranks" "$OPTEX" run softmax.toml -o "$name-$ranks" "$@"
    same_solution "$name-alone" "$name-$ranks"
  done
}
((with_mpi)) || exit 77 # alone there is nothing to compare with
check auto
check replay --method.update=replay
check coordinates --method.update=replay --estimator.coordinates=9
check batches --method.update=sequence --estimator.name=mean --data.batch=2 --method.batches_per_point=3
check sequence --method.update=sequence --data.batch=3
check paper --method.preset=paper
check data_parallel --method.name=data_parallel --data.batch=2 --method.average=tail
check whitened --method.name=whitened --data.batch=2
check lbfgs --method.name=lbfgs
check box_lbfgs --method.name=lbfgs --problem.lower=-0.02 --problem.upper=0.03
check box_two_track --method.update=two_track --problem.lower=-0.02 --problem.upper=0.03 --problem.scale=0.5
check anderson --method.name=anderson
check target --method.name=target
check target_tail --method.name=target --method.average=tail --data.batch=3
check vanilla --method.name=vanilla --parallel.coordinator_evaluates=false
mlp=(--problem.name=mlp "--problem.hidden=[9, 5]")
check mlp "${mlp[@]}" --method.update=two_track
check mlp_tanh "${mlp[@]}" --problem.activation=tanh --problem.loss=squared_error --data.batch=10 --method.name=whitened
[[ $(solution replay-alone) != "$(solution sequence-alone)" ]] || wrong "other settings gave the same solution"
