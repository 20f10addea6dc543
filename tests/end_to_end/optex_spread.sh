#!/usr/bin/env bash
# A history that is spread over the ranks: the numbers, the checkpoints and the answers of one that rank 0 holds.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
((with_mpi)) || exit 77

cat >long.toml <<'TEXT'
[problem]
name = "rosenbrock"
dimension = 270000 # four segments: the fifth rank holds nothing
[method]
update = "replay"
parallelism = 4
history = 10
[optimizer]
learning_rate = 0.02
[stop]
iterations = 4
[checkpoint]
every = "1 iterations"
TEXT
spread=--parallel.spread_history=true

find_python "h5py, numpy"
[[ -n $python ]] || exit 77
# All of a checkpoint but the clock's numbers and the configuration, which names the key.
cat >compare.py <<'TEXT'
import sys
import h5py

def fields(name):
    found = {}
    def take(path, item):
        if isinstance(item, h5py.Dataset) and path not in ("config", "accounting/seconds"):
            found[path] = (item.shape, item.dtype, bytes(item[()]) if item.shape is not None else b"")
    with h5py.File(name) as file:
        file.visititems(take)
    return found

first, second = fields(sys.argv[1]), fields(sys.argv[2])
assert len(first) > 40 and "history/theta" in first, sorted(first)
different = [path for path in sorted(first.keys() | second.keys()) if first.get(path) != second.get(path)]
sys.exit(f"different: {different}" if different else 0)
TEXT
same_state() { # RUN RUN ITERATION
  local file
  file=$(printf 'checkpoints/iteration-%06d.h5' "$3")
  "$python" compare.py "$1/$file" "$2/$file" || wrong "$1 and $2 have different checkpoints"
}
check() { # NAME RANKS OPTION...
  local name=$1 ranks=$2
  shift 2
  expect_code 0 "$OPTEX" run long.toml -o "$name-alone" "$@"
  expect_code 0 on "$ranks" "$OPTEX" run long.toml -o "$name-spread" "$@" $spread
  same_solution "$name-alone" "$name-spread"
  same_state "$name-alone" "$name-spread" 4
}
check replay 3
check replay_f32 2 --method.update=replay --estimator.precision=f32 --parallel.threads=2
check momentum 5 --method.update=replay --optimizer.name=momentum --optimizer.learning_rate=1e-4
check box 4 --problem.lower=-0.5 --problem.upper=0.9 --problem.scale=2
# One checkpoint: 60 pairs of the guard have room in each.
last_only=(--method.update=surrogate '--checkpoint.every=4 iterations' --checkpoint.keep=1)
check surrogate 3 "${last_only[@]}" --method.parallelism=6
check surrogate_units 4 "${last_only[@]}" --problem.scale=2 --problem.name=styblinski_tang
# At the minimum in all coordinates of rank 0's slice, but not in the others.
"$python" - <<'TEXT'
import h5py, numpy
with h5py.File("half.h5", "w") as file:
    file["start"] = numpy.repeat([1.0, 0.0], [100000, 170000])
TEXT
check half_there 3 "${last_only[@]}" --problem.initial=half.h5:/start
check lbfgs_alone 2 "${last_only[@]}" --method.parallelism=1
check noisy 3 --method.update=sequence --problem.noise.kind=gaussian --problem.noise.sigma=0.1 --method.batches_per_point=2
expect_text replay-spread/events.jsonl '270000 parameters'
expect_code 0 on 3 "$OPTEX" run long.toml -o chosen $spread --method.update=auto --stop.iterations=1 --problem.lower=-1
expect_text chosen/status.json 'takes replay: parallel.spread_history is on, and in a box surrogate needs'

# On from a checkpoint: spread over others, on one rank, and spread after one rank; and past a damaged file.
expect_code 0 on 4 "$OPTEX" run long.toml -o parts $spread --stop.iterations=2
expect_code 0 "$OPTEX" resume parts --stop.iterations=3
expect_code 0 on 2 "$OPTEX" resume parts $spread --stop.iterations=4
same_solution replay-alone parts
same_state replay-alone parts 4
printf 'x' | dd of=parts/checkpoints/iteration-000004.h5 bs=1 seek=3000 conv=notrunc status=none
expect_code 0 on 3 "$OPTEX" resume parts $spread --stop.iterations=4
expect_text err.txt 'checkpoint unusable'
same_state replay-alone parts 4

expect_code 0 on 3 "$OPTEX" run long.toml -o model $spread "${last_only[@]}" --method.parallelism=6 --stop.iterations=2
expect_code 0 "$OPTEX" resume model --stop.iterations=3
expect_code 0 on 2 "$OPTEX" resume model $spread --stop.iterations=4
same_solution surrogate-alone model
same_state surrogate-alone model 4

# A file that cannot be written leaves nobody waiting.
expect_code 0 on 3 "$OPTEX" run long.toml -o full $spread --stop.iterations=2
rm -rf full/checkpoints && ln -s /dev/full full/checkpoints
expect_code 6 on 3 "$OPTEX" run long.toml -o full $spread --resume --stop.iterations=4

# Points that cannot be evaluated: the first cause is told, and the state is saved.
expect_code 4 in_accord 3 "$OPTEX" run long.toml -o apart $spread --optimizer.name=sgd --optimizer.learning_rate=1e300 --method.update=replay
expect_text err.txt 'not finite'

# Where it would divide nothing it says so.
expect_code 0 on 3 "$OPTEX" run softmax.toml -o small $spread --method.update=replay
expect_text err.txt 'parallel.spread_history has no effect: slices have at least 65536 coordinates'
expect_code 0 "$OPTEX" check long.toml $spread
expect_text err.txt 'parallel.spread_history has no effect on one rank'

expect_code 0 "$OPTEX" check long.toml --ranks 4 $spread
expect_text out.txt 'slice of the'
expect_code 2 "$OPTEX" run long.toml -o never $spread --method.update=surrogate --problem.upper=1
expect_text err.txt 'parallel.spread_history = true'
for mistake in failure.quorum=0.5 \
  failure.evaluation=drop failure.lost_rank=continue estimator.name=mean; do
  expect_code 2 "$OPTEX" run long.toml -o never $spread "--$mistake"
  expect_text err.txt 'parallel.spread_history = true'
done
expect_code 2 "$OPTEX" compare long.toml $spread
expect_text err.txt 'must be false with optex compare'
# What is known of a Hessian is whole.
printf '[problem]\nname = "heat_inversion"\ncells = [8, 8]\n[stop]\niterations = 2\n' >known.toml
expect_code 2 on 2 "$OPTEX" run known.toml -o never $spread
expect_text err.txt 'parallel.spread_history: the objective says what it knows of its Hessian'
expect_code 0 on 2 "$OPTEX" run known.toml $spread --method.update=replay --optimizer.learning_rate=0.1
