#!/usr/bin/env bash
# What a run's files, links, rights and inputs may and may not do (docs/security.md).
# shellcheck source=tests/end_to_end/optex_common.sh
source "$OPTEX_SOURCE_DIR/tests/end_to_end/optex_common.sh"
mode() { stat -c %a "$1"; }

cat >small.toml <<'TEXT'
[problem]
name = "sphere"
dimension = 5
[optimizer]
learning_rate = 0.1
[method]
update = "replay"
[stop]
iterations = 4
[checkpoint]
every = "1 iterations"
TEXT

# Files have the rights that the user's umask leaves.
(umask 027 && expect_code 0 "$OPTEX" run small.toml -o careful) || exit 1
(umask 002 && expect_code 0 "$OPTEX" run small.toml -o shared) || exit 1
for file in config.toml resolved.toml provenance.json status.json metrics.jsonl events.jsonl results.h5 \
  checkpoints/iteration-000004.h5; do
  [[ $(mode "careful/$file") == 640 ]] || wrong "careful/$file has the rights $(mode "careful/$file")"
  [[ $(mode "shared/$file") == 664 ]] || wrong "shared/$file has the rights $(mode "shared/$file")"
done
[[ $(mode careful) == 750 && $(mode careful/checkpoints) == 750 ]] || wrong "folders have other rights than umask says"

# A command on the run `linked`, which may refuse; nothing but that is of interest here.
on_linked() { # "WORD WORD ..."
  # shellcheck disable=SC2086 # a list of words
  timeout 60 "$OPTEX" $1 >out.txt 2>err.txt </dev/null
}

# Links that somebody laid into a run's folder lead no byte out of it.
for command in "resume linked --stop.iterations=8" "run small.toml -o linked --force"; do
  for file in config.toml resolved.toml provenance.json status.json metrics.jsonl events.jsonl results.h5 \
    checkpoints/iteration-000005.h5 checkpoints/iteration-000004.h5 .optex-lock; do
    rm -rf linked
    expect_code 0 "$OPTEX" run small.toml -o linked
    echo untouched >victim
    # What is resumed must still be there to be read.
    if [[ $command == resume* && ($file == resolved.toml || $file == config.toml) ]]; then cp "linked/$file" victim; fi
    cp victim before
    rm -f "linked/$file"
    ln -s ../victim "linked/$file"
    [[ $file != */* ]] || ln -sf ../../victim "linked/$file"
    on_linked "$command"
    cmp -s victim before || wrong "$command with a link at $file wrote through it"
  done
  rm -rf linked elsewhere
  expect_code 0 "$OPTEX" run small.toml -o linked
  mv linked/checkpoints elsewhere
  ln -s ../elsewhere linked/checkpoints
  ls elsewhere >before
  on_linked "$command"
  ls elsewhere >after
  cmp -s before after || wrong "$command wrote checkpoints through a link to a folder"
done

# The same for the files between ask and tell.
printf '[problem]\nname = "external"\ndimension = 3\n[optimizer]\nlearning_rate = 0.1\n[stop]\niterations = 2\n' >outside.toml
expect_code 0 "$OPTEX" ask outside --config=outside.toml --format=raw
head -c 24 /dev/zero >gradient.bin
echo untouched >victim
cp victim before
rm -r outside/asked
mkdir outside/asked
ln -s ../../victim outside/asked/point-0.theta
ln -s ../../victim outside/asked/.point-0.theta.partial
expect_code 0 "$OPTEX" ask outside --format=raw
cmp -s victim before || wrong "ask wrote through a link"
[[ ! -L outside/asked/point-0.theta && $(stat -c %s outside/asked/point-0.theta) == 24 ]] || wrong "point 0 is a link"
mv outside/asked asked_elsewhere
ln -s ../asked_elsewhere outside/asked
ls -A asked_elsewhere >before
expect_code 6 "$OPTEX" tell outside gradient.bin --point=0 --value=1
ls -A asked_elsewhere | cmp -s - before || wrong "tell wrote through a link in the place of asked"

# No shell sees a command: what would be its signs are characters.
if python=$(command -v python3); then
  cat >arguments.py <<'TEXT'
import sys
sys.stderr.write("words: %r\n" % (sys.argv[1:],))
TEXT
  cat >words.toml <<TEXT
[problem]
name = "command"
command = ["$python", "arguments.py", "\$(touch made)", "; touch made", "| touch made", "*", "\`touch made\`"]
[optimizer]
learning_rate = 0.1
[stop]
iterations = 1
TEXT
  expect_code 2 "$OPTEX" run words.toml -o words
  expect_text err.txt "words: ['\$(touch made)', '; touch made', '| touch made', '*', '\`touch made\`']"
  [[ ! -e made ]] || wrong "a shell ran"
fi

# A hundred bytes that claim 10^12 numbers: refused within little memory, by name.
limited() { # COMMAND...: within 2 GiB of addresses
  (ulimit -v 2097152 && exec "$@")
}
export -f limited
mkdir -p claims
printf '\0\0\x08\x03\0\x10\0\0\0\0\x10\0\0\0\x01\0' >claims/train-images-idx3-ubyte
cp claims/train-images-idx3-ubyte claims/t10k-images-idx3-ubyte
printf '\0\0\x08\x01\xff\xff\xff\xff' >claims/train-labels-idx1-ubyte
cp claims/train-labels-idx1-ubyte claims/t10k-labels-idx1-ubyte
sed "s|^source = .*|source = \"$PWD/claims\"|" softmax.toml >claims.toml
expect_code 6 bash -c 'limited "$@"' - "$OPTEX" run claims.toml -o claimed
expect_text err.txt "claims/train-images-idx3-ubyte: truncated: the header declares"
if python=$(command -v python3) && "$python" -c 'import h5py' 2>/dev/null; then
  "$python" - <<'TEXT'
import h5py
with h5py.File("claims.h5", "w") as file:
    file.create_dataset("start", shape=(10**12,), dtype="f8")                   # nothing is stored
    file.create_dataset("chunked", shape=(10**12,), dtype="f8", chunks=(1000,))
    file["elsewhere"] = h5py.ExternalLink("other.h5", "/start")
    file["round_about"] = h5py.SoftLink("/elsewhere")
with h5py.File("other.h5", "w") as file:
    file["start"] = [1.0] * 5
TEXT
  for name in start chunked; do
    expect_code 6 bash -c 'limited "$@"' - "$OPTEX" run small.toml -o none --problem.initial="claims.h5:/$name"
    expect_text err.txt "claims.h5:/$name: incomplete: 1000000000000 numbers are announced"
  done
  for name in elsewhere round_about; do
    expect_code 6 "$OPTEX" run small.toml -o none --problem.initial="claims.h5:/$name"
    expect_text err.txt "claims.h5:/$name: a link into another file; copy it into this one (h5repack)"
  done
fi

# What files say does not command the terminal.
printf 'x,label\n1,0\n2,\033[31m7\n' >escape.csv
cat >escape.toml <<TEXT
[problem]
name = "softmax"
[data]
source = "$PWD/escape.csv"
format = "csv"
[optimizer]
learning_rate = 0.1
[stop]
iterations = 1
TEXT
expect_code 6 "$OPTEX" run escape.toml -o escape
expect_text err.txt "escape.csv:3: "
! grep -q $'\033' err.txt || wrong "an escape sequence of a file reached the terminal"
sed -i 's/"reason":"[^"]*"/"reason":"\\u001b[2J\\u009b31m"/; s/"state":"[^"]*"/"state":"\\u001b]0;title\\u0007"/' careful/status.json
expect_code 0 "$OPTEX" report careful -o page.html
! grep -q $'[\033\007]' page.html out.txt err.txt || wrong "an escape sequence of status.json came through the report"
# Nor do the names of folders, and a table's cells are no formulas.
cp -r careful $'=\033[31mred'
for words in "report %s -o page.html --csv table.csv" "watch %s --once" "report nowhere%s" "inspect %s/nothing.h5"; do
  # shellcheck disable=SC2059 # a pattern
  printf -v line "$words" $'=\033[31mred'
  # shellcheck disable=SC2086
  timeout 60 "$OPTEX" $line >out.txt 2>err.txt </dev/null
  ! grep -q $'\033' page.html out.txt err.txt || wrong "an escape sequence of a folder's name came through: $words"
done
expect_text table.csv "'= [31mred"
# A pipe or a device in the place of a file is none: nobody waits for it or reads it to its end.
for kind in pipe zero; do
  for file in status.json metrics.jsonl resolved.toml provenance.json events.jsonl; do
    rm -rf strange
    cp -r careful strange
    rm "strange/$file"
    if [[ $kind == pipe ]]; then mkfifo "strange/$file"; else ln -s /dev/zero "strange/$file"; fi
    for words in "report strange -o page.html" "watch strange --once"; do
      # shellcheck disable=SC2086
      expect_code 0 timeout 20 "$OPTEX" $words
    done
  done
done

# Nor does anybody follow a link that leads to itself.
mkdir looped
ln -s resolved.toml looped/resolved.toml
for words in "ask looped" "resume looped" "gradcheck small.toml --at looped/resolved.toml"; do
  # shellcheck disable=SC2086
  timeout 20 "$OPTEX" $words >out.txt 2>err.txt
  [[ " 2 6 " == *" $? "* ]] || wrong "$words: $(cat err.txt)"
done

# With stdin, stdout or stderr closed no file of a run gets their number: the same code, the same files, no line elsewhere.
sed 's/^iterations = 4/iterations = 2/; /^\[checkpoint\]/,$d' small.toml >short.toml
printf '[sweep]\nseeds = 1\n' | cat short.toml - >grid.toml
sed 's/"sphere"/"external"/' short.toml >asked.toml
expect_code 0 "$OPTEX" run short.toml -o ended
expect_code 0 "$OPTEX" ask waiting --config=asked.toml
closed_to() { # in, out or err, COMMAND...: with that one closed
  case $1 in
    in) "${@:2}" <&- ;;
    out) "${@:2}" >&- ;;
    err) "${@:2}" 2>&- ;;
    *) "${@:2}" <&- >&- 2>&- ;;
  esac
}
ways=("run short.toml -o new" "resume ended" "compare short.toml -o new --no-tune --methods vanilla" "sweep grid.toml -o new"
  "report ended -o page.html" "export ended --to csv -o new" "watch ended --once" "check short.toml" "gradcheck short.toml"
  "ask new --config=asked.toml" "tell waiting --point=0 --failed=x --again" "inspect ended/results.h5" "list" "config short.toml"
  "script short.toml" "info" "--help" "--version" "nonsense")
expect_code 0 "$OPTEX" --help
for command in $(sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' out.txt); do
  printf '%s\n' "${ways[@]}" | grep -q "^$command" || wrong "optex $command is not tried with its streams closed"
done
for words in "${ways[@]}"; do
  rm -rf new
  # shellcheck disable=SC2086 # a list of words
  timeout 60 "$OPTEX" $words >out.txt 2>err.txt </dev/null
  code=$?
  (cd new 2>/dev/null && find . -type f | sort) >before
  for which in in out err all; do
    rm -rf new
    # shellcheck disable=SC2086
    closed_to "$which" timeout 60 "$OPTEX" $words >out.txt 2>err.txt </dev/null
    found=$?
    [[ $found == "$code" ]] || wrong "exit code $found instead of $code with $which closed: $words"
    (cd new 2>/dev/null && find . -type f | sort) >after
    cmp -s before after || wrong "other files with $which closed: $words"
    for file in new/metrics.jsonl ended/metrics.jsonl waiting/metrics.jsonl; do
      [[ ! -s $file ]] || ! grep -qv '^{.*}$' "$file" || wrong "a line for the terminal in $file with $which closed: $words"
    done
  done
done
