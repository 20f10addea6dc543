#!/usr/bin/env bash
# Every configuration that is shipped runs, shortened, on two ranks.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
count=0
for config in "$OPTEX_SOURCE_DIR"/configs/*.toml; do
  short=(--stop.iterations=3)
  ! grep -q 'fashion-mnist' "$config" || short+=(--data.limit=2000)
  expect_code 0 on 2 "$OPTEX" run "$config" -o "$(basename "$config" .toml)" "${short[@]}"
  expect_text out.txt "rounds"
  count=$((count + 1))
done
((count >= 5)) || wrong "only $count configurations were found"
