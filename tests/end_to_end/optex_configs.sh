#!/usr/bin/env bash
# Every configuration that is shipped runs, shortened, on two ranks, from the project's folder: data are named from there.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
count=0
here=$PWD
printf '#!/usr/bin/env bash\ncd "$OPTEX_SOURCE_DIR" && exec "$@"\n' >commands/in_source
chmod +x commands/in_source
for config in "$OPTEX_SOURCE_DIR"/configs/*.toml; do
  short=(--stop.iterations=3)
  ! grep -q 'fashion-mnist' "$config" || short+=(--data.limit=2000)
  ! grep -q 'heat_inversion' "$config" || short+=("--problem.cells=[32, 32]")
  expect_code 0 in_source on 2 "$OPTEX" run "$config" -o "$here/$(basename "$config" .toml)" "${short[@]}"
  expect_text out.txt "rounds"
  count=$((count + 1))
done
((count >= 5)) || wrong "only $count configurations were found"

# The experiments: all of their runs are possible, the first one is made, and the tables' scripts read what it leaves.
count=0
for sweep in "$OPTEX_SOURCE_DIR"/configs/experiments/*.toml; do
  name=$(basename "$sweep" .toml)
  expect_code 0 "$OPTEX" sweep "$sweep" --print -o "$name"
  expect_code 0 "$OPTEX" sweep "$sweep" --index 0 -o "$name" --stop.iterations=3
  count=$((count + 1))
done
((count >= 8)) || wrong "only $count experiments were found"
expect_code 0 "$OPTEX_SOURCE_DIR/scripts/pivot_table.py" history/sweep.csv method.update method.history iterations
expect_text out.txt "| last | 3 |"
expect_code 0 "$OPTEX_SOURCE_DIR/scripts/pivot_table.py" history/sweep.csv method.update method.history iterations --reached
expect_text out.txt "| last | - |"
expect_code 1 "$OPTEX_SOURCE_DIR/scripts/pivot_table.py" history/sweep.csv method.update rounds iterations
expect_text err.txt "has no column 'rounds'"
expect_code 0 "$OPTEX_SOURCE_DIR/scripts/prediction_by_depth.py" prediction/*/
expect_text out.txt "| 15 |"
