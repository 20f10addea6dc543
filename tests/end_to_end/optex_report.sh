#!/usr/bin/env bash
# optex report: pages of runs, comparisons and sweeps; tables and pictures; folders of all kinds; in a browser when
# there is one.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
report=("$OPTEX" report)
cat >rosenbrock.toml <<TEXT
problem.name = "rosenbrock"
problem.dimension = 60
stop.iterations = 25
log.level = "error"
TEXT
expect_code 0 on 3 "$OPTEX" run rosenbrock.toml -o optex
expect_code 0 "$OPTEX" run rosenbrock.toml -o vanilla --method.name=vanilla
expect_code 0 "$OPTEX" compare rosenbrock.toml -o comparison --no-tune --methods vanilla,replay
printf '[sweep]\n"optimizer.learning_rate" = [0.01, 0.02]\nseeds = 3\n' >>rosenbrock.toml
expect_code 0 "$OPTEX" sweep rosenbrock.toml -o grid --problem.noise.kind=gaussian --problem.noise.sigma=0.1

# One run, several, a comparison, a sweep; everything on one page.
expect_code 0 "${report[@]}" optex
expect_text out.txt "report.html"
expect_text report.html "<h1>optex</h1>"
((!with_mpi)) || expect_text report.html "3 on 1 host"
expect_code 0 "${report[@]}" optex vanilla -o both.html
expect_text both.html "<h2>What it took</h2>"
expect_text both.html "method.name"
expect_code 0 "${report[@]}" comparison -o comparison.html
expect_text comparison.html "replay"
expect_code 0 "${report[@]}" grid -o grid.html
expect_text grid.html "learning_rate 0.02"
expect_text grid.html "mean over the last 20 rounds"
expect_code 0 "${report[@]}" . -o all.html
expect_text all.html "<h2>Runs</h2>"
for page in report both comparison grid all; do
  # Names of namespaces are no addresses.
  ! sed 's/http:\/\/www\.w3\.org[^"'"'"']*//g' $page.html | grep -E '(src|href)="?https?:' || wrong "$page.html needs a network"
done

# Tables and pictures, without a page unless it is asked for.
rm report.html
expect_code 0 "${report[@]}" optex vanilla --csv tables/all.csv --svg pictures
[[ ! -e report.html ]] || wrong "a page was written that nobody asked for"
[[ $(wc -l <tables/all.csv) == $((1 + 25 + 25)) ]] || wrong "not every round is in the table"
for picture in value-rounds value-gradients value-seconds gradient_norm-rounds; do
  python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "pictures/$picture.svg" || wrong "$picture"
done
python3 - <<'TEXT' || wrong "the table does not say what metrics.jsonl says"
import csv, json
rows = [r for r in csv.DictReader(open("tables/all.csv")) if r["run"] == "optex"]
lines = [json.loads(l) for l in open("optex/metrics.jsonl")]
assert [float(r["best_value"]) for r in rows] == [l["best_value"] for l in lines]
TEXT
# Who was first, by what is asked for: the terminal and the page of a comparison say the same.
expect_code 0 "${report[@]}" optex vanilla --by wall
expect_text out.txt "wall time to"
expect_text out.txt "By gradients to F <= "
expect_code 2 "${report[@]}" optex --by time
expect_text err.txt "--by: must be rounds, gradients or wall"
expect_code 0 "${report[@]}" comparison -o comparison.html
grep '^By ' out.txt >page.txt
python3 -c 'import json; print("\n".join(line + "." for line in json.load(open("comparison/compare.json"))["verdict"]["lines"]))' >verdict.txt
cmp -s page.txt verdict.txt || wrong "the page and the verdict of a comparison differ"
expect_code 0 "${report[@]}" optex --targets 1e9,-1 -o targets.html
expect_text targets.html "What it took"

# Folders of all kinds: useful output or a clear message.
expect_code 2 "${report[@]}" nowhere
expect_text err.txt "nowhere: no such folder"
mkdir empty
expect_code 2 "${report[@]}" empty
expect_text err.txt "there is no run in it"
expect_code 2 "${report[@]}" optex --targets 1,x
expect_text err.txt "--targets: must be numbers"
expect_code 2 "${report[@]}" optex --every 5
expect_text err.txt "give both"
expect_code 2 "${report[@]}"
cp -r optex damaged
head -c 3000 optex/metrics.jsonl >damaged/metrics.jsonl
printf '{"state"' >damaged/status.json
expect_code 0 "${report[@]}" damaged -o damaged.html
expect_text out.txt "status.json is damaged"
# Somebody else's folder; a run that was killed within its first line; one round; a run without its metrics.
mkdir foreign
echo 'not a run' >foreign/readme.txt
printf '{"state": "running"}' >foreign/status.json
expect_code 0 "${report[@]}" foreign optex -o foreign.html
expect_text foreign.html "foreign"
cp -r optex half
head -c 40 optex/metrics.jsonl >half/metrics.jsonl
rm half/status.json half/resolved.toml
expect_code 0 "${report[@]}" half -o half.html
expect_text half.html "half"
sed -i '/^\[sweep\]/,$d' rosenbrock.toml
expect_code 0 "$OPTEX" run rosenbrock.toml -o one --stop.iterations=1
expect_code 0 "${report[@]}" one -o one.html
expect_text one.html "final value"
mkdir binary
head -c 5000 /dev/urandom >binary/metrics.jsonl
cp binary/metrics.jsonl binary/status.json
expect_code 0 "${report[@]}" binary -o binary.html
expect_text out.txt "damaged"
# However long a run was, its page stays small.
mkdir many
cp optex/resolved.toml optex/status.json many
awk 'BEGIN { for (t = 1; t <= 200000; ++t)
  printf "{\"iteration\":%d,\"value\":%g,\"best_value\":%g,\"evaluations\":%d,\"seconds\":%g,\"depths\":[0,1,%d]," \
    "\"prediction_error\":[0.1,0.2,0.5]}\n", t, 1 / t + (t % 7), 1 / t, 3 * t, t / 100, 2 + t % 300 }' >many/metrics.jsonl
expect_code 0 "${report[@]}" many -o many.html
(($(stat -c %s many.html) < $(stat -c %s optex/../one.html) + 500000)) || wrong "the page of 200,000 rounds is too large"
expect_text many.html "257"
expect_code 0 "$OPTEX" run rosenbrock.toml -o sphere --problem.name=sphere
expect_code 0 "${report[@]}" optex sphere -o different.html
expect_text out.txt "different functions"

# A page that follows a run ends with it.
"$OPTEX" run rosenbrock.toml -o long --stop.iterations=1000000 --stop.seconds=4 >long.txt 2>&1 &
for _ in {1..200}; do
  [[ ! -s long/metrics.jsonl ]] || break
  sleep 0.02
done
expect_code 0 "${report[@]}" long -o long.html --follow --every 1
expect_no_text long.html 'http-equiv="refresh"'
expect_text long.html "finished: seconds"
wait

# In a browser: nothing complains, and the charts are drawn.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
interactive=0
grep -q 'id="data"' both.html && interactive=1
if [[ -n $browser && $interactive == 1 ]]; then
  # In the copy that is opened every control is used once, after the page has drawn itself.
  use='setTimeout(() => {
    document.querySelectorAll(".controls input").forEach((input) => input.click());
    document.querySelectorAll(".controls select").forEach((select) => {
      select.selectedIndex = select.options.length - 1;
      select.dispatchEvent(new Event("change"));
    });
    document.body.dataset.used = "all";
  }, 500);'
  opened() { # PAGE: its document in dom.html, what it complains about in console.txt
    HOME=$PWD timeout 100 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --enable-logging=stderr \
      --virtual-time-budget=4000 --dump-dom "file://$PWD/$1" >dom.html 2>console.txt || wrong "the browser on $1"
  }
  opened both.html
  ! grep -E 'CONSOLE' console.txt || wrong "both.html complains of its own policy"
  grep -q '<body class="live">' dom.html || wrong "the policy of both.html keeps its own script out"
  grep -q 'name="scale" value="gap" checked' dom.html || wrong "the log gap is not what is drawn at first"
  { sed '$d' both.html && echo '<script>document.body.dataset.used = "all"</script><img src="http://127.0.0.1:9/x"></body></html>'; } >strange.html
  opened strange.html
  ! grep -q 'data-used' dom.html || wrong "a script that got into the page ran"
  grep -q 'Content Security Policy' console.txt || wrong "a picture from the network was not refused"
  for page in both comparison grid all damaged different foreign half one binary many long; do
    # The page itself lets no script in but its own.
    { sed '$d; s/<meta http-equiv="Content-Security-Policy"[^>]*>//' $page.html && echo "<script>$use</script></body></html>"; } >used.html
    opened used.html
    ! grep -E 'CONSOLE' console.txt || wrong "$page.html complains"
    grep -q '<body class="live" data-used="all">' dom.html || wrong "the script of $page.html did not run"
    grep -q 'id="progress-chart"[^>]*><div[^>]*><svg' dom.html || wrong "no chart on $page.html"
  done
else
  echo "no browser, or a build without interactive charts: pages were not opened"
fi
