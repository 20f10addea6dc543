#!/usr/bin/env bash
# The commands that do not run: help, version, config, list, check, inspect.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"

expect_code 0 on 3 "$OPTEX" --version
[[ $(grep -c '^optex [0-9]' out.txt) == 1 ]] || wrong "the version is printed more than once"
expect_code 0 on 2 "$OPTEX" run --help
[[ $(grep -c 'optimizer.learning_rate' out.txt) -ge 1 ]] || wrong "the help does not name the keys"
for what in problems optimizers kernels methods updates; do
  expect_code 0 "$OPTEX" list "$what"
  [[ -s out.txt ]] || wrong "optex list $what prints nothing"
done

# The resolved configuration is itself a configuration, and the same one.
expect_code 0 "$OPTEX" config softmax.toml --resolved --run.name=again
cp out.txt resolved.toml
expect_code 0 "$OPTEX" config resolved.toml --resolved
cmp -s out.txt resolved.toml || wrong "the resolved configuration is not a fixed point"

expect_code 0 "$OPTEX" check softmax.toml --ranks 64 --evaluate
expect_text out.txt "yes, bit for bit: again and in another order (10 evaluations on 3 shards)"
expect_text out.txt "gradient"
expect_code 0 env OMPI_COMM_WORLD_SIZE=5 OMPI_COMM_WORLD_RANK=0 "$OPTEX" check softmax.toml # as mpirun tells it
expect_text out.txt "on 5 ranks"
[[ ! -e runs ]] || wrong "optex check made a run's folder"

expect_code 0 "$OPTEX" run softmax.toml -o finished
for file in finished/results.h5 finished/checkpoints/iteration-000012.h5; do
  expect_code 0 "$OPTEX" inspect "$file" --verify
  expect_code 0 "$OPTEX" inspect "$file" --json
  python3 -m json.tool out.txt >/dev/null || wrong "optex inspect --json prints no JSON"
done
expect_text finished/resolved.toml "learning_rate = 0.05"
tail -n 1 finished/metrics.jsonl | grep -q final_value || wrong "the last line of the metrics has no final value"
for key in git_commit compiler hosts; do
  grep -q "$key" finished/provenance.json || wrong "provenance.json does not name the $key"
done

# Job scripts: one job that is requeued, or a chain of jobs, of which the last ones find nothing to do.
expect_code 0 "$OPTEX" script softmax.toml --for=slurm --ranks=8 --time=30 --run.name="it's mine"
cp out.txt job.sh
bash -n job.sh || wrong "the job script is no script"
for line in "--ntasks=8" "--time=30" "--signal=B:USR1@120" "--requeue" "--job-name=optex-it-s-mine"; do
  expect_text job.sh "#SBATCH $line"
done
for mistake in --for=pbs "--for=slurm --chain=0" "--for=slurm --ranks=two" "--for=slurm --time=1;2"; do
  # shellcheck disable=SC2086
  expect_code 2 "$OPTEX" script softmax.toml $mistake
done
expect_code 0 "$OPTEX" script softmax.toml --for=slurm --chain=3 --stop.iterations=3 --run.name="it's mine"
cp out.txt job.sh
expect_text job.sh "#SBATCH --no-requeue"
stubs() { # NAME LINE
  printf '#!/usr/bin/env bash\n%s\n' "$2" >"commands/$1"
  chmod +x "commands/$1"
}
stubs sbatch 'echo "$*" >>sbatch.txt'
stubs scontrol 'echo "   EndTime=2199-01-01T00:00:00 x"'
stubs mpirun '[[ $1 == -n ]] && shift 2; exec "$@"'
expect_code 0 bash job.sh --partition=long
[[ $(grep -c -- "^--dependency=singleton --partition=long job.sh$" sbatch.txt) == 3 ]] || wrong "$(cat sbatch.txt)"
export SLURM_JOB_ID=1 SLURM_NTASKS=1
expect_code 0 bash job.sh
expect_text "runs/it's mine/status.json" '"state": "finished"'
expect_code 0 bash job.sh
expect_text out.txt "nothing is left to do"
