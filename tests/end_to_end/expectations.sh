# shellcheck shell=bash
# Source me: what the scripts here expect of the commands that they run.
set -uo pipefail

# Ends the test when a tool is missing: what could not be compared is not different.
needs() { # TOOL...
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    echo "FAILED: $tool is missing; tests/run installs it (cmake/debian-packages.txt)" >&2
    exit 1
  done
}
# Runs a command with its output in out.txt and err.txt; its exit code must be the first argument. What hangs is ended after
# two minutes, or what `patience` says.
expect_code() { # CODE COMMAND...
  local expected=$1 code
  shift
  timeout "${patience:-120}" "$@" >out.txt 2>err.txt </dev/null
  code=$?
  [[ $code == "$expected" ]] || wrong "exit code $code instead of $expected: $*"
}
expect_text() { # FILE TEXT
  grep -qF -- "$2" "$1" || wrong "'$2' is not in $1"
}
expect_no_text() { # FILE TEXT
  ! grep -qF -- "$2" "$1" || wrong "'$2' is in $1"
}
# shellcheck disable=SC2034 # read by those that source this
# Sets python to one that has these modules; empty when there is none.
find_python() { # "MODULE, MODULE"
  local candidate
  python=
  for candidate in /usr/bin/python3 python3; do
    ! "$candidate" -c "import $1" 2>/dev/null || { python=$(command -v "$candidate") && return; }
  done
}
# A plug-in out of a source in C.
make_plugin() { # LIBRARY SOURCE
  "${CC:-cc}" -shared -fPIC -O2 -I"$OPTEX_SOURCE_DIR/include" -o "$1" "$2" -lm || wrong "$2 does not compile"
}
# The first example in a language on a page of the documentation.
page_example() { # PAGE LANGUAGE
  awk -v start="\`\`\`$2" '$0 == start { on = 1; next } /^```/ && on { exit } on' "$OPTEX_SOURCE_DIR/docs/$1"
}
# On stderr: the output of a function may be in somebody's hands.
wrong() {
  {
    echo "FAILED (line ${BASH_LINENO[1]}): $*"
    head -n 50 out.txt err.txt
  } >&2
  exit 1
}
