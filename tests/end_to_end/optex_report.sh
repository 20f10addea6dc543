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
grep -E '^(By|On) ' out.txt >page.txt
expect_text page.txt 'On 4 ranks'
python3 -c 'import json; print("\n".join(line + "." for line in json.load(open("comparison/compare.json"))["verdict"]["lines"]))' >verdict.txt
cmp -s page.txt verdict.txt || wrong "the page and the verdict of a comparison differ"
expect_code 0 "${report[@]}" optex --targets 1e9,-1 -o targets.html
expect_text targets.html "What it took"

# What the problem shows of its solution: at the start, in checkpoints, at the end; also that of a program, with all that
# can be wrong in it.
cat >heat.toml <<TEXT
problem.name = "heat_inversion"
problem.cells = [12, 9]
problem.sources = 2
problem.sensors = 3
stop.iterations = 6
checkpoint.every = "2 iterations"
log.level = "error"
TEXT
expect_code 0 "$OPTEX" run heat.toml -o heat
expect_code 0 "${report[@]}" heat -o heat.html
expect_text heat.html "<h2>The solution</h2>"
python3 - heat.html <<'TEXT' || wrong "the page does not have the field of every checkpoint"
import json, re, sys
page = re.search(r'id="data">(.*?)</script>', open(sys.argv[1]).read(), re.S)
if page:  # a build with interactive charts
    fields = {f["name"]: f for f in json.loads(page.group(1))["runs"][0]["fields"]}
    assert [f["round"] for f in fields["conductivity"]["frames"]] == [0, 2, 4, 6], fields["conductivity"]["frames"]
    assert fields["conductivity"]["kind"] == "field_lower"  # y grows upwards
    assert fields["conductivity"]["frames"][0]["rows"] == 9 and fields["conductivity"]["truth"] == "true_conductivity"
    assert len(fields["true_conductivity"]["frames"]) == 1
TEXT
find_python numpy
[[ -n $python ]] || wrong "no Python with numpy"
cat >shows.py <<'TEXT'
import numpy as np
import optex
def exhibits(theta):
    field = np.full((3, 4), np.nan)
    field[1] = theta[:4]
    return {"<b>bold</b>/x": optex.Field(field, unit="<i>K</i>", truth=np.ones((3, 4)), origin="lower"), "path": np.cumsum(theta),
            "grows": np.zeros((2 if theta[0] == 0 else 5, 2)), "large": optex.Field(np.ones((700, 300)), kind="image")}
optex.serve(lambda theta: (np.sum((theta - 1) ** 2), 2 * (theta - 1)), 5, exhibits=exhibits)
TEXT
cat >shows.toml <<TEXT
problem.name = "command"
problem.command = ["$python", "shows.py"]
stop.iterations = 5
log.level = "error"
TEXT
expect_code 0 on 2 "$OPTEX" run shows.toml -o shows
expect_code 0 "${report[@]}" shows heat -o shows.html
expect_no_text shows.html "<b>bold"
expect_text shows.html "&lt;b&gt;bold&lt;/b&gt;/x"
expect_text out.txt "large: 700 x 300 entries are drawn as"
expect_text out.txt "grows: its shape changes, from 2 x 2 in round 0 to 5 x 2"
sed 's/field\[1\]/field[9]/' shows.py >shows_wrong.py
sed 's/shows.py/shows_wrong.py/' shows.toml >shows_wrong.toml
expect_code 0 "$OPTEX" run shows_wrong.toml -o shows_wrong --log.level=warning
expect_text err.txt "what the problem shows of the answer is missing"

# For other programs.
expect_code 0 "$OPTEX" export optex vanilla --to tensorboard
python3 - optex tensorboard/optex/events.out.tfevents.* <<'TEXT' || wrong "the event file does not say what metrics.jsonl says"
import json, struct, sys
def crc(data):  # bit by bit, as the polynomial says
    value = 0xffffffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    value ^= 0xffffffff
    return ((value >> 15 | value << 17) + 0xa282ead8) & 0xffffffff
def fields(message):
    at = 0
    def varint():
        nonlocal at
        number = shift = 0
        while True:
            byte = message[at]
            at += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number
    while at < len(message):
        tag = varint()
        wire = tag & 7
        size = {1: 8, 5: 4}.get(wire)
        if wire == 0:
            yield tag >> 3, varint()
            continue
        if wire == 2:
            size = varint()
        yield tag >> 3, message[at:at + size]
        at += size
data, at, values = open(sys.argv[2], "rb").read(), 0, {}
while at < len(data):
    length, check = struct.unpack_from("<QI", data, at)
    message = data[at + 12:at + 12 + length]
    assert check == crc(data[at:at + 8]) and struct.unpack_from("<I", data, at + 12 + length)[0] == crc(message)
    at += 16 + length
    event = dict(fields(message))
    if 5 in event:
        entry = dict(fields(dict(fields(event[5]))[1]))
        values[entry[1].decode(), event[2]] = struct.unpack("<f", entry[2])[0]
lines = [json.loads(line) for line in open(sys.argv[1] + "/metrics.jsonl")]
for line in lines:
    assert abs(values["best_value", line["iteration"]] / line["best_value"] - 1) < 1e-6
    assert abs(values["seconds_in/wait", line["iteration"]] - line["seconds_in"]["wait"]) < 1e-6
    assert line["version"] == 1
TEXT
expect_code 0 "$OPTEX" export optex --to csv -o exported/optex.csv
[[ $(wc -l <exported/optex.csv) == 26 ]] || wrong "not every round is in the export"
expect_code 2 "$OPTEX" export optex --to xml
expect_text err.txt "--to: must be tensorboard, csv or json"
expect_code 2 "$OPTEX" export empty_or_not --to csv

# Folders of all kinds: useful output or a clear message.
expect_code 2 "${report[@]}" nowhere
expect_text err.txt "nowhere: no such folder"
mkdir empty
expect_code 2 "${report[@]}" empty
expect_text err.txt "there is no run in it"
expect_code 0 "${report[@]}" empty optex -o foreign.html # among others it is said, and the others are shown
expect_text out.txt "empty: there is no run in it"
expect_code 2 "${report[@]}" empty empty
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
expect_code 0 "${report[@]}" foreign damaged optex -o foreign.html # one that still runs, a damaged one and a whole one at once
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

# A page that follows a run ends with it. With noise no tolerance ends the run before its time is up.
"$OPTEX" run rosenbrock.toml -o long --problem.noise.kind=gaussian --problem.noise.sigma=0.1 \
  --stop.iterations=1000000 --stop.seconds=4 >long.txt 2>&1 &
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
  for page in both comparison grid all damaged different foreign half one binary many long heat shows; do
    # The page itself lets no script in but its own.
    { sed '$d; s/<meta http-equiv="Content-Security-Policy"[^>]*>//' $page.html && echo "<script>$use</script></body></html>"; } >used.html
    opened used.html
    ! grep -E 'CONSOLE' console.txt || wrong "$page.html complains"
    grep -q '<body class="live" data-used="all">' dom.html || wrong "the script of $page.html did not run"
    grep -q 'id="progress-chart"[^>]*><div[^>]*><svg' dom.html || wrong "no chart on $page.html"
  done
  # At four widths, light, dark and on paper nothing is cut, and axe-core (fetched with the charts when this was built)
  # has nothing serious to say.
  axe=$(dirname "$OPTEX")/../src/report/page/node_modules/axe-core/axe.min.js
  if [[ -e $axe ]]; then
    expect_code 0 "$OPTEX" run rosenbrock.toml -o surrogate --method.update=surrogate
    expect_code 0 "${report[@]}" heat shows surrogate optex comparison -o everything.html --targets 1,0.1
    timeout 500 "$OPTEX_SOURCE_DIR/scripts/look_at_page" everything.html "$axe" >out.txt 2>err.txt || wrong "everything.html does not read well"
  else
    echo "without axe-core: the page was not looked at"
  fi
else
  echo "no browser, or a build without interactive charts: pages were not opened"
fi
