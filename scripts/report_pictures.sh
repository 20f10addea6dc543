#!/usr/bin/env bash
# Makes the pictures of docs/reports.md anew: runs, their report, and what a browser shows of it.
# Usage: scripts/report_pictures.sh [OPTEX]        (needs chromium and a program with interactive charts)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
optex=$(realpath "${1:-$root/build/release/bin/optex}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
sed 's/^iterations = .*/iterations = 100/; s/^value = .*/value = 1e-3/' "$root/configs/rosenbrock.toml" >rosenbrock.toml
quiet=(--log.level=error)
mkdir -p runs
mpirun -n 4 "$optex" run rosenbrock.toml -o runs/optex "${quiet[@]}" >/dev/null
mpirun -n 4 "$optex" run rosenbrock.toml -o runs/replay --method.update=replay "${quiet[@]}" >/dev/null
"$optex" run rosenbrock.toml -o runs/adam --method.name=vanilla "${quiet[@]}" >/dev/null
"$optex" report runs/optex runs/replay runs/adam -o report.html >/dev/null

picture() { # FILE WIDTH HEIGHT OPTION...
  HOME=$work chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=4000 \
    --window-size="$2,$3" --screenshot="$root/docs/pictures/$1" "${@:4}" "file://$work/report.html" 2>/dev/null
}
mkdir -p "$root/docs/pictures"
picture report.png 1180 1060
picture report-dark.png 1180 1060 --force-dark-mode --blink-settings=preferredColorScheme=0
picture report-narrow.png 500 1060
