#!/usr/bin/env bash
# Wrong command lines are refused before anything is installed, built or run.
# shellcheck source=tests/end_to_end/run_cluster_project.sh
source "$(dirname "${BASH_SOURCE[0]}")/run_cluster_project.sh"
run=project/run_cluster.sh
config=project/configs/success.toml

expect_code 0 "$run" --help
expect_text out.txt "Usage: ./run_cluster.sh"
expect_code 2 "$run"
expect_text err.txt "missing CONFIG"
expect_code 2 "$run" nowhere.toml
expect_text err.txt "nowhere.toml: no such file"
expect_code 2 "$run" "$config" "$config"
expect_text err.txt "one CONFIG only"
for ranks in 0 -1 two 1.5 ""; do
  expect_code 2 "$run" --ranks "$ranks" "$config"
  expect_text err.txt "--ranks must be a whole number from 1"
done
for restarts in -1 two ""; do
  expect_code 2 "$run" --restarts "$restarts" "$config"
  expect_text err.txt "--restarts must be a whole number"
done
expect_code 2 "$run" "$config" --ranks
expect_text err.txt "--ranks needs a number"
[[ ! -e project/build && ! -e project/configured.txt ]] || wrong "something was built"
