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
expect_text out.txt "gradient"
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
