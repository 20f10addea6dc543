#!/usr/bin/env bash
# Makes the pictures of docs/reports.md anew: runs, their report, and what a browser shows of it.
# Usage: scripts/report_pictures.sh [OPTEX]
# Needs chromium, pdftoppm (Debian: poppler-utils) and a program with interactive charts.
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

out=${OPTEX_PICTURES:-$root/docs/pictures}
picture() { # FILE WIDTH HEIGHT OPTION...
  HOME=$work chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=4000 \
    --window-size="$2,$3" --screenshot="$out/$1" "${@:4}" "file://$work/report.html" 2>/dev/null
}
mkdir -p "$out"
picture report.png 1180 1060
picture report-dark.png 1180 1060 --force-dark-mode --blink-settings=preferredColorScheme=0
picture report-narrow.png 500 1060
# The page is long: the part about the predictions by itself.
cp report.html whole.html
sed 's/<section id="chain">/<section id="chain" class="picture">/; s/<\/head>/<style>section:not(.picture),header,.cards,nav{display:none}<\/style><\/head>/' \
  whole.html >report.html
picture report-chain.png 1180 900
cp whole.html report.html
HOME=$work chromium --headless --no-sandbox --disable-gpu --virtual-time-budget=4000 --no-pdf-header-footer \
  --print-to-pdf="$work/report.pdf" "file://$work/report.html" 2>/dev/null
pdftoppm -r 60 -png -f 1 -l 1 -singlefile "$work/report.pdf" "$out/report-print"
