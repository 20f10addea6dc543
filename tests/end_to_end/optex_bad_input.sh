#!/usr/bin/env bash
# Mistakes end with one clear line, the documented exit code, no hang, and nothing overwritten.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"

refused() { # CODE TEXT COMMAND...
  local code=$1 text=$2
  shift 2
  expect_code "$code" "$@"
  expect_text err.txt "$text"
  [[ ! -e runs ]] || wrong "a run's folder was made"
}
run=("$OPTEX" run softmax.toml)
both() { # CODE TEXT OPTION...: alone and on three ranks
  local code=$1 text=$2
  shift 2
  refused "$code" "$text" "${run[@]}" "$@"
  refused "$code" "$text" in_accord 3 "${run[@]}" "$@"
  [[ $(grep -cF -- "$text" err.txt) == 1 ]] || wrong "'$text' is told more than once"
}

both 6 "/nowhere/at/all" --data.source=/nowhere/at/all
both 2 "data.shards" --data.shards=0
both 2 "method.parallelism" --method.parallelism=0
both 2 "method.history" --method.history=1
both 2 "problem.lower" --problem.lower=1 --problem.upper=0.5
both 6 "/nowhere.h5" --problem.upper=/nowhere.h5:/upper
both 6 "/nowhere.h5" --problem.scale=/nowhere.h5:/scale
both 2 "needs exact gradients" --method.name=lbfgs --data.batch=2
both 2 "did you mean 'adam'" --optimizer.name=adm
both 2 "did you mean 'parallelism'" --method.paralelism=4
both 2 "is gone" --method.update=two_track
refused 2 "nosuch.toml" "$OPTEX" run nosuch.toml
refused 2 "did you mean 'run'" "$OPTEX" rum softmax.toml

sed 's/shards = 3/shards = 3\nshard = 4/' softmax.toml >typo.toml
refused 2 "typo.toml:7:" "$OPTEX" run typo.toml
refused 2 "did you mean 'shards'" "$OPTEX" config typo.toml

# What went wrong is told although the last words of a rank cannot be kept.
expect_code 4 "$OPTEX" run softmax.toml -o wordless --method.update=replay --optimizer.learning_rate=1e300
rm -r wordless/errors && touch wordless/errors
expect_code 4 "$OPTEX" run softmax.toml -o wordless --method.update=replay --force --optimizer.learning_rate=1e300

# Truncated and wrong IDX files.
cp -r "$OPTEX_SOURCE_DIR/tests/data/formula" broken
head -c 100 "$OPTEX_SOURCE_DIR/tests/data/formula/t10k-images-idx3-ubyte" >broken/t10k-images-idx3-ubyte
both 6 "t10k-images-idx3-ubyte" --data.source=./broken
printf 'not IDX at all, just words' >broken/t10k-images-idx3-ubyte
both 6 "t10k-images-idx3-ubyte" --data.source=./broken

# Tables with mistakes: file and line, told once on any number of ranks.
printf '1,2,0\n3,4\n' >ragged.csv
printf 'a,b,kind\n1,2,0\n3,nan,1\n' >nan.csv
printf '1,2,0\n3,4,1\n' >fine.csv
printf '1,2,0\n3,4,5\n' >other.csv
printf '1 2:1\n0 0:3\n' >zero.svm
printf '1,2,0\n3,4,1\n5,6,2\n' >three.csv
printf 'caf\351\n' >latin1.txt
table=(--problem.name=logistic --data.format=csv)
both 6 "ragged.csv:2: 2 fields, but line 1 has 3" "${table[@]}" --data.source=./ragged.csv
both 6 "nan.csv:3: column 2 (b)" "${table[@]}" --data.source=./nan.csv
both 6 "other.csv:2: label 5 is out of range" "${table[@]}" --data.source=./fine.csv --data.test=./other.csv
both 2 "data.shards = 3 exceeds the 2 samples" "${table[@]}" --data.source=./fine.csv
both 6 "zero.svm:2: index 0" --problem.name=logistic --data.format=libsvm --data.source=./zero.svm
both 2 "3 classes, but logistic regression tells two apart" --problem.name=logistic --data.format=csv --data.source=./three.csv
both 6 "iconv" --problem.name=char_lm --data.format=text --data.source=./latin1.txt
both 6 "/nowhere/text" --problem.name=char_lm --data.format=text --data.source=/nowhere/text
both 2 "data.format" --problem.name=char_lm --data.format=csv --data.source=./fine.csv
sed '/^source/d; /^l2/d' softmax.toml >heat.toml
refused 2 "problem.unknown" "$OPTEX" run heat.toml --problem.name=heat_inversion --problem.unknown=conductivity
refused 2 "problem.cells" "$OPTEX" run heat.toml --problem.name=heat_inversion "--problem.cells=[4]"
refused 2 "at most problem.sources = 2" "$OPTEX" run heat.toml --problem.name=heat_inversion --problem.sources=2
refused 2 "moves with the run" "$OPTEX" compare heat.toml --problem.name=dqn
refused 2 "unknown value 'cart'" "$OPTEX" run heat.toml --problem.name=dqn --problem.environment=cart

# A folder that is there already is left alone.
expect_code 0 "${run[@]}" -o there
before=$(sha256sum there/results.h5 there/metrics.jsonl)
expect_code 9 in_accord 3 "${run[@]}" -o there
expect_text err.txt "--resume"
[[ $(sha256sum there/results.h5 there/metrics.jsonl) == "$before" ]] || wrong "files of an existing run were changed"

# Resuming with other numbers names the keys; the checkpoint of another dimension is refused as well.
expect_code 5 in_accord 2 "$OPTEX" resume there --optimizer.learning_rate=0.5
expect_text err.txt "optimizer.learning_rate"
cat >sphere.toml <<'TEXT'
[problem]
name = "sphere"
dimension = 30
[stop]
iterations = 4
TEXT
expect_code 0 "$OPTEX" run sphere.toml -o sphere
expect_code 5 "$OPTEX" run sphere.toml -o sphere --resume --problem.dimension=31 --stop.iterations=9
expect_text err.txt "for 30 parameters, this problem has 31"
expect_code 6 "$OPTEX" resume "$OPTEX_SOURCE_DIR/tests"
expect_text err.txt "not a run's folder"

# More than the machine's memory is refused with the numbers before anything is written.
expect_code 2 in_accord 2 "$OPTEX" run sphere.toml -o vast --problem.dimension=10000000 --method.history=100000
expect_text err.txt "10000000 coordinates with a history of 100000 need 16.2 TB (240 GB of it for the history's tables) on rank 0, but this machine has"
[[ ! -e vast ]] || wrong "a run that cannot be left its folder behind"

# Divergence is a reason to stop, not a silent NaN.
expect_code 4 in_accord 2 "$OPTEX" run sphere.toml -o wild --method.update=replay --optimizer.name=sgd --optimizer.learning_rate=1e200
expect_text err.txt "learning_rate"
expect_text wild/status.json '"exit_code": 4'
