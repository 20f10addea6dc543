#!/usr/bin/env bash
# What is written for readers and shells out of the program's own tables: the key reference, manual pages, completion.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"

expect_code 0 "$OPTEX" info
expect_text out.txt "git_commit"
expect_text out.txt "report_charts"
expect_code 0 "$OPTEX" info --json
python3 -c 'import json; assert json.load(open("out.txt"))["version"]' || wrong "info --json is no JSON"

expect_code 0 "$OPTEX" info --keys
diff -u "$OPTEX_SOURCE_DIR/docs/configuration.md" out.txt >difference.txt ||
  wrong "docs/configuration.md is not what 'optex info --keys' prints: $(head -n 20 difference.txt)"

expect_code 0 "$OPTEX" info --man pages
for command in $("$OPTEX" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  [[ -s pages/optex-$command.1 ]] || wrong "no manual page for $command"
done
[[ -s pages/optex.1 && -s pages/optex-config.5 ]] || wrong "pages are missing"
if command -v groff >/dev/null; then
  for page in pages/*; do
    groff -man -Tutf8 -ww -z "$page" 2>warnings.txt >/dev/null || wrong "$page"
    [[ ! -s warnings.txt ]] || wrong "$page: $(head -n 3 warnings.txt)"
  done
fi
expect_code 2 "$OPTEX" info --json --keys
expect_text err.txt "one option at a time"

# Completion as bash asks for it.
"$OPTEX" info --completion >completion.sh
# shellcheck source=/dev/null
source completion.sh
compopt() { :; }
completed() { # LINE: what may follow it
  COMP_LINE=$1 COMP_POINT=${#1}
  read -ra COMP_WORDS <<<"${1//=/ = }"
  [[ $1 != *' ' ]] || COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _optex
  echo " ${COMPREPLY[*]} "
}
offers() { [[ $(completed "$1") == *" $2 "* ]] || wrong "'$1' offers '$(completed "$1")', not '$2'"; }
offers "optex " run
offers "optex re" report
offers "mpirun -n 4 /usr/bin/optex re" resume
offers "optex run a.toml --res" --resume
offers "optex run a.toml --optimizer.l" --optimizer.learning_rate=
offers "optex run a.toml --optimizer.name=ad" adam
offers "optex run a.toml --parallel.coordinator_evaluates=" false
[[ $(completed "optex list --opt") != *--optimizer* ]] || wrong "keys are offered to a command that takes none"
