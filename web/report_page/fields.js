// The solution: fields and images as heat maps with one scale for all runs, curves as curves.
import { axis, dispose, draw, row, theme, tooltip } from "./charts.js";
import { radios } from "./controls.js";
import { data, escapeHtml, palette, short } from "./page.js";

const fieldColours = ["#30123b", "#4145ab", "#4675ed", "#39a2fc", "#1bcfd4", "#24eca6", "#61fc6c", "#a4fc3b", "#d1e834", "#f3c63a", "#fe9b2d", "#f36315", "#d93806", "#b11901", "#7a0402"];
const greys = ["#000000", "#ffffff"];

export function setUpFields() {
  const controls = document.getElementById("field-controls"), panels = document.getElementById("field-panels");
  if (!controls) return;
  const shown = (run) => run.fields.filter((field) => field.kind !== "table" && !run.fields.some((other) => other.truth === field.name));
  const names = [...new Set(data.runs.flatMap((run) => shown(run).map((field) => field.name)))];
  if (names.length === 0) return;
  const mostRuns = 8;
  let name = names[0], place = Infinity, drawn = [];
  const runsWith = () => data.runs.filter((run) => shown(run).some((field) => field.name === name)).slice(0, mostRuns);
  const fieldOf = (run, wanted) => run.fields.find((field) => field.name === wanted);
  if (names.length > 1) radios(controls, "show", "field", names.map((entry) => [entry, entry]), name, (value) => { name = value; build(); });
  const slider = document.createElement("input");
  const line = document.createElement("label");
  line.className = "slider";
  const said = document.createElement("span");
  slider.type = "range";
  slider.min = 0;
  slider.setAttribute("aria-label", "round of the field that is shown beside the start");
  line.append(said, slider);
  controls.append(line);
  let rounds = [];
  const atRound = (field, round) => field.frames.filter((frame) => frame.round <= round).pop() ?? field.frames[0];
  const current = (field) => (place >= rounds.length - 1 ? field.frames[field.frames.length - 1] : atRound(field, rounds[place]));

  function range() {
    let low = Infinity, high = -Infinity;
    for (const run of runsWith()) {
      const field = fieldOf(run, name), truth = fieldOf(run, field.truth);
      for (const frame of [...field.frames, ...(truth ? truth.frames : [])])
        for (const x of frame.values) if (x !== null) { if (x < low) low = x; if (x > high) high = x; }
    }
    if (!(low <= high)) return [0, 1];
    return low < high ? [low, high] : [low - 0.5, high + 0.5];
  }

  function heatOptions(frame, field, [low, high]) {
    const cells = [];
    frame.values.forEach((x, k) => { if (x !== null) cells.push([k % frame.columns, Math.floor(k / frame.columns), x]); });
    const stepX = frame.of[1] / frame.columns, stepY = frame.of[0] / frame.rows;
    const labels = (count, step) => Array.from({ length: count }, (_, k) => String(Math.floor(k * step)));
    const some = (count) => ({ axisLabel: { color: theme().soft, interval: Math.max(0, Math.ceil(count / 6) - 1) } });
    return (colours) => ({
      grid: { left: 40, right: 6, top: 8, bottom: 24 },
      tooltip: tooltip(colours, { formatter: (p) => `row ${Math.floor(p.value[1] * stepY)}, column ${Math.floor(p.value[0] * stepX)}<br><b>${short(p.value[2])}</b> ${escapeHtml(field.unit)}` }),
      visualMap: { show: false, min: low, max: high, inRange: { color: field.kind === "image" ? greys : fieldColours } },
      xAxis: axis(colours, { type: "category", data: labels(frame.columns, stepX), splitLine: { show: false }, axisTick: { show: false }, ...some(frame.columns) }),
      yAxis: axis(colours, { type: "category", data: labels(frame.rows, stepY), inverse: field.kind !== "field_lower", splitLine: { show: false }, axisTick: { show: false }, ...some(frame.rows) }),
      series: [{ type: "heatmap", data: cells, progressive: 0, emphasis: { itemStyle: { borderColor: colours.text, borderWidth: 1 } } }],
    });
  }

  function curveOptions(entries, unit, [low, high]) {
    return (colours) => ({
      grid: { left: 58, right: 14, top: 30, bottom: 28 },
      legend: { type: "scroll", top: 0, left: 0, icon: "roundRect", itemWidth: 14, itemHeight: 4, textStyle: { color: colours.text } },
      tooltip: tooltip(colours, { trigger: "axis", formatter: (items) => `<div style="opacity:.75">${short(items[0].axisValue)}</div>` + items.map((i) => row(i.marker, i.seriesName, short(i.value[1]))).join("") }),
      xAxis: axis(colours, { type: "value", scale: true, axisLabel: { color: colours.soft, hideOverlap: true, formatter: (x) => short(x, 3) } }),
      yAxis: axis(colours, { type: "value", scale: true, name: unit, axisLabel: { color: colours.soft, formatter: (y) => short(y, 3) } }),
      series: entries.flatMap(([label, frame, type], k) => {
        const alone = frame.columns === 1, count = alone ? 1 : frame.columns - 1, step = frame.of[0] / frame.rows;
        return Array.from({ length: count }, (_, c) => ({
          name: count > 1 ? `${label}, column ${c + 1}` : label, type: "line", showSymbol: frame.rows < 2, color: palette[(k * count + c) % palette.length], lineStyle: { width: 2, type },
          data: Array.from({ length: frame.rows }, (_, r) => (alone ? [r * step, frame.values[r]] : [frame.values[r * frame.columns], frame.values[r * frame.columns + 1 + c]])),
        }));
      }),
    });
  }

  function panel(title, height, options) {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    caption.textContent = title;
    const element = document.createElement("div");
    element.className = "field-chart";
    element.setAttribute("role", "img");
    figure.append(caption, element);
    panels.append(figure);
    element.style.height = `${Math.round(height(element.clientWidth))}px`;
    drawn.push(draw(element, "canvas", (chart) => {
      element.style.height = `${Math.round(height(element.clientWidth))}px`;
      chart.resize();
      chart.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, aria: { enabled: true, label: { description: title } }, ...options()(theme()) }, { notMerge: true });
    }));
  }

  function build() {
    drawn.forEach(dispose);
    drawn = [];
    panels.replaceChildren();
    const runs = runsWith(), scale = range();
    rounds = [...new Set(runs.flatMap((run) => fieldOf(run, name).frames.map((frame) => frame.round)))].sort((a, b) => a - b);
    place = Math.min(place, rounds.length - 1);
    slider.max = rounds.length - 1;
    slider.value = place;
    line.hidden = rounds.length < 3;
    const first = fieldOf(runs[0], name);
    if (first.kind !== "curve") panels.append(colourBar(scale, first));
    const many = runs.length > 1;
    for (const run of runs) {
      const field = fieldOf(run, name), truth = fieldOf(run, field.truth);
      const title = (what) => (many ? `${run.label}: ${what}` : what);
      const begin = field.frames[0];
      const height = (width) => Math.max(70, Math.min(520, ((width - 46) * begin.of[0]) / begin.of[1] + 32));
      if (field.kind === "curve") {
        panel(title(field.name), () => 280, () => curveOptions([
          ...(field.frames.length > 1 ? [["at the start", begin, "dotted"]] : []), [`after round ${current(field).round}`, current(field), "solid"],
          ...(truth ? [["truth", truth.frames[truth.frames.length - 1], "dashed"]] : [])], field.unit, scale));
        continue;
      }
      if (field.frames.length > 1) panel(title(begin.round === 0 ? "at the start" : `after round ${begin.round}`), height, () => heatOptions(begin, field, scale));
      panel(title(`after round ${current(field).round}`), height, () => heatOptions(current(field), field, scale));
      drawn[drawn.length - 1].caption = () => title(`after round ${current(field).round}`);
      if (truth && run === runs[runs.length - 1]) panel("truth", height, () => heatOptions(truth.frames[truth.frames.length - 1], field, scale));
    }
    say();
  }

  function colourBar([low, high], field) {
    const bar = document.createElement("div");
    bar.className = "colour-bar";
    const ends = [low, high].map((x) => { const end = document.createElement("span"); end.textContent = short(x, 3); return end; });
    const colours = document.createElement("i");
    colours.style.background = `linear-gradient(to right, ${(field.kind === "image" ? greys : fieldColours).join(",")})`;
    bar.append(ends[0], colours, ends[1]);
    if (field.unit) { const unit = document.createElement("span"); unit.textContent = field.unit; bar.append(unit); }
    return bar;
  }

  const say = () => { said.textContent = rounds.length ? `round ${rounds[Math.min(place, rounds.length - 1)]}` : ""; };
  slider.addEventListener("input", () => {
    place = Number(slider.value);
    say();
    drawn.forEach((entry) => { if (entry.caption) entry.element.previousSibling.textContent = entry.caption(); entry.draw(); });
  });
  build();
}
