#!/usr/bin/env bash
# The search breaks a target that has a mistake in it and keeps the input that did; stored inputs alone do not.
# Arguments: fuzz_replay.
# shellcheck source=tests/end_to_end/expectations.sh
source "$(dirname "${BASH_SOURCE[0]}")/../end_to_end/expectations.sh"
mkdir inputs
printf 'name=one\nlength=12\n' >inputs/number
printf 'points: many\n' >inputs/word
ulimit -c 0
expect_code 0 "$1" planted_mistake inputs
[[ ! -e mutant-planted_mistake ]] || wrong "something was kept though nothing was searched"
expect_code 134 "$1" planted_mistake --mutants 100000 1 inputs
expect_text err.txt "broken law: a length is a number"
expect_text mutant-planted_mistake "length=many"
expect_code 134 "$1" planted_mistake mutant-planted_mistake
cp mutant-planted_mistake first
expect_code 134 "$1" planted_mistake --mutants 100000 1 inputs
cmp -s first mutant-planted_mistake || wrong "the same seed found something else"
expect_code 134 "$1" planted_mistake --mutants 100000 2 inputs
! cmp -s first mutant-planted_mistake || wrong "another seed found the same"
expect_code 0 "$1" planted_mistake --mutants 100 1 inputs/number
[[ ! -e mutant-planted_mistake ]] || wrong "an input is kept that broke nothing"
