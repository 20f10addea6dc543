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
