// The interactive charts of a report. The page works without this script; it takes the place of the still pictures.
import * as echarts from "echarts/core";
import { BarChart, CustomChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  MarkLineComponent,
  TitleComponent,
  ToolboxComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from "echarts/components";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, CustomChart, DataZoomComponent, GridComponent, HeatmapChart, LegendComponent,
  LegendScrollComponent, LineChart, MarkLineComponent, SVGRenderer, TitleComponent, ToolboxComponent, TooltipComponent,
  VisualMapContinuousComponent,
]);

const data = JSON.parse(document.getElementById("data").textContent);
const palette = ["#2f7ed8", "#e8710a", "#1e9e6a", "#c2417c", "#7c5cd6", "#b08c00", "#12a1b8", "#d64545", "#7a8b2f", "#96705a"];
const phaseColours = { fit: "#7c5cd6", chain: "#c2417c", evaluate: "#1e9e6a", wait: "#b8c0c8", update: "#e8710a",
  checkpoint: "#b08c00", quality: "#12a1b8" };
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
let printing = false;

const short = (x, digits = 4) => {
  if (x === null || x === undefined || !Number.isFinite(x)) return "-";
  const size = Math.abs(x);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return x.toExponential(Math.max(0, digits - 1)).replace(/\.?0+e/, "e").replace("e+", "e");
  return String(Number(x.toPrecision(digits)));
};
const escapeHtml = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const groupOf = data.runs.map(() => 0);
data.groups.forEach((group, g) => group.runs.forEach((i) => (groupOf[i] = g)));

function theme() {
  if (printing) return { text: "#000", soft: "#444", line: "#ccc", card: "#fff", accent: "#2f7ed8" };
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { text: read("--text"), soft: read("--soft"), line: read("--line"), card: read("--card"), accent: read("--accent") };
}

const narrow = () => window.innerWidth < 640;

function axis(colours, more) {
  return {
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.soft, hideOverlap: true },
    nameTextStyle: { color: colours.soft },
    splitLine: { lineStyle: { color: colours.line } },
    minorSplitLine: { show: false },
    ...more,
  };
}

function tooltip(colours, more) {
  return {
    backgroundColor: colours.card,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontSize: 12 },
    confine: true,
    transitionDuration: 0,
    ...more,
  };
}

const row = (marker, name, value) =>
  `<div style="display:flex;gap:14px;justify-content:space-between"><span>${marker}${escapeHtml(name)}</span><b>${value}</b></div>`;

// ---- controls ---------------------------------------------------------------------------------------------------

function radios(parent, legend, name, entries, chosen, onChange) {
  const field = document.createElement("fieldset");
  field.innerHTML = `<legend>${legend}</legend>` + entries
    .map(([value, text]) => `<label><input type="radio" name="${name}" value="${escapeHtml(value)}"${value === chosen ? " checked" : ""}>${escapeHtml(text)}</label>`)
    .join("");
  field.addEventListener("change", (event) => onChange(event.target.value));
  parent.append(field);
}

function toggle(parent, name, text, on, onChange) {
  const field = document.createElement("fieldset");
  field.innerHTML = `<label><input type="checkbox" name="${name}"${on ? " checked" : ""}>${escapeHtml(text)}</label>`;
  field.addEventListener("change", (event) => onChange(event.target.checked));
  parent.append(field);
}

function chooser(parent, name, runs, onChange) {
  if (runs.length < 2) return;
  const select = document.createElement("select");
  select.name = name;
  select.setAttribute("aria-label", "run");
  for (const i of runs) select.add(new Option(data.runs[i].label, i));
  select.addEventListener("change", () => onChange(Number(select.value)));
  parent.append(select);
}

// ---- charts -----------------------------------------------------------------------------------------------------

const charts = [];
function chart(id, options) {
  const element = document.getElementById(id);
  if (!element) return null;
  const entry = { chart: echarts.init(element, null, { renderer: "svg" }), options };
  entry.draw = () => {
    const drawn = entry.options(theme());
    element.style.display = drawn ? "" : "none";
    if (!drawn) return;
    entry.chart.resize();
    entry.chart.setOption({ animation: !reducedMotion && !printing, animationDuration: 250, textStyle: { fontFamily: "inherit" },
      aria: { enabled: true }, ...drawn }, { notMerge: true });
  };
  charts.push(entry);
  entry.draw();
  return entry;
}

// ---- progress ---------------------------------------------------------------------------------------------------

const anyNoisy = data.runs.some((run) => run.noisy);
const hasNorms = data.runs.some((run) => run.norm.some((x) => x !== null));
const qualityNames = [...new Set(data.runs.flatMap((run) => Object.keys(run.quality)))];
const hasSeeds = data.groups.some((group) => group.runs.length > 1);
const view = { across: "rounds", what: data.measure ? "quality:" + data.measure : anyNoisy ? "value" : "best", scale: "log", logX: false, band: hasSeeds };
const acrossNames = { rounds: "round", gradients: "gradients", seconds: "wall time, s" };
const whatNames = { value: "value", best: "best value", norm: "gradient norm" };

let lowest = Infinity;
data.groups.forEach((group) => group.runs.forEach((i) => data.runs[i].best.forEach((x) => { if (x !== null && x < lowest) lowest = x; })));

const ofF = () => view.what === "value" || view.what === "best";

function points(run) {
  const quality = view.what.startsWith("quality:") ? run.quality[view.what.slice(8)] : null;
  if (view.what.startsWith("quality:")) {
    if (!quality) return [];
    // Quality is known by round; gradients and seconds stand in the row of that round.
    return quality[0].map((round, k) => [view.across === "rounds" ? round : at(run.rounds, run[view.across], round), quality[1][k]]);
  }
  const y = run[view.what];
  return run[view.across].map((x, k) => [x, ofF() && view.scale === "gap" && y[k] !== null ? y[k] - lowest : y[k]]);
}

/// The last entry of `ys` whose entry in the ascending `xs` is at most x; null before the first.
function at(xs, ys, x) {
  let low = 0, high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle + 1; else high = middle;
  }
  return low === 0 ? null : ys[low - 1];
}

const quantile = (sorted, share) => {
  const place = share * (sorted.length - 1), low = Math.floor(place);
  return sorted[low] + (place - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
};

/// Median and band of several curves: the whole spread of fewer than ten, the middle 80 % of more.
function band(curves) {
  const all = curves.flat().map((p) => p[0]).filter((x) => x !== null);
  const first = Math.max(...curves.map((c) => (c.length ? c[0][0] : Infinity)));
  const last = Math.min(...curves.map((c) => (c.length ? c[c.length - 1][0] : -Infinity)));
  const xs = [...new Set(all)].filter((x) => x >= first && x <= last).sort((a, b) => a - b);
  const step = Math.max(1, Math.floor(xs.length / 300));
  const split = curves.map((c) => [c.map((p) => p[0]), c.map((p) => p[1])]);
  const share = curves.length < 10 ? 0 : 0.1;
  const result = [];
  xs.forEach((x, k) => {
    if (k % step !== 0 && k !== xs.length - 1) return;
    const ys = split.map(([cx, cy]) => at(cx, cy, x)).filter((y) => y !== null && Number.isFinite(y)).sort((a, b) => a - b);
    if (ys.length === curves.length) result.push([x, quantile(ys, 0.5), quantile(ys, share), quantile(ys, 1 - share)]);
  });
  return result;
}

/// Trailing mean over about a fortieth of the points, for what is drawn from noise.
function smooth(curve) {
  const width = Math.max(5, Math.round(curve.length / 40));
  let sum = 0;
  const window = [];
  return curve.map(([x, y]) => {
    if (y !== null) { window.push(y); sum += y; }
    if (window.length > width) sum -= window.shift();
    return [x, window.length ? sum / window.length : null];
  });
}

function progressOptions(colours) {
  const usable = ([x, y]) => x !== null && y !== null && Number.isFinite(y) && (!logY || y > 0) && (!view.logX || x > 0);
  const raw = data.runs.map(points);
  const ys = raw.flat().map((p) => p[1]).filter((y) => y !== null && Number.isFinite(y));
  const logY = view.scale !== "linear" && ys.some((y) => y > 0);
  const series = [];
  let yLow = Infinity, yHigh = -Infinity;
  const seen = (curve) => curve.forEach(([x, y]) => { if (usable([x, y])) { yLow = Math.min(yLow, y); yHigh = Math.max(yHigh, y); } });
  data.groups.forEach((group, g) => {
    const colour = palette[g % palette.length];
    const line = (curve, more) => {
      seen(curve);
      series.push({
        name: group.label, type: "line", showSymbol: curve.filter(usable).length < 2, symbolSize: 5, data: curve.map((p) => (usable(p) ? p : [p[0], null])),
        color: colour, lineStyle: { width: 2, type: group.ideal ? "dashed" : "solid", color: colour }, emphasis: { disabled: true },
        step: view.what === "best" ? "end" : false, sampling: undefined, ...more,
      });
    };
    const curves = group.runs.map((i) => raw[i]).filter((c) => c.length);
    if (curves.length > 1 && view.band) {
      const middle = band(curves);
      line(middle.map((p) => [p[0], p[1]]), { step: false });
      const hull = middle.filter((p) => p.every((x) => Number.isFinite(x)) && (!logY || p[2] > 0) && (!view.logX || p[0] > 0));
      if (hull.length > 1) {
        hull.forEach((p) => { yLow = Math.min(yLow, p[2]); yHigh = Math.max(yHigh, p[3]); });
        series.push({
          name: group.label, type: "custom", color: colour, silent: true, clip: true, z: 1, tooltip: { show: false }, data: [[hull[0][0], hull[0][1]]],
          renderItem: (params, api) => ({
            type: "polygon",
            shape: { points: [...hull.map((p) => api.coord([p[0], p[3]])), ...hull.slice().reverse().map((p) => api.coord([p[0], p[2]]))] },
            style: { fill: colour, opacity: 0.16 },
          }),
        });
      }
      return;
    }
    curves.forEach((curve, k) => {
      if (data.runs[group.runs[k]].noisy && view.what === "value" && curve.length > 40) {
        line(curve, { lineStyle: { width: 1, opacity: 0.25, color: colour }, tooltip: { show: false }, silent: true });
        line(smooth(curve), { smoothed: true });
      } else {
        line(curve);
      }
    });
  });
  const showsValue = ofF();
  if (showsValue && view.scale !== "gap" && series.length) {
    const visible = data.targets.filter((t) => (!logY || t > 0) && t >= yLow && t <= yHigh);
    const main = series.find((s) => s.type === "line");
    if (main && visible.length)
      main.markLine = {
        silent: true, symbol: "none", animation: false, lineStyle: { color: colours.soft, type: "dotted", width: 1, opacity: 0.8 },
        label: { position: "insideEndTop", color: colours.soft, fontSize: 11, formatter: (p) => "F \u2264 " + short(p.value) },
        data: visible.map((t) => ({ yAxis: t })),
      };
  }
  const name = view.what.startsWith("quality:") ? view.what.slice(8) : whatNames[view.what];
  const yName = view.scale === "gap" && showsValue ? `${name} \u2212 lowest seen` : name;
  const bounds = {};
  const ticks = {};
  if (logY && yLow < yHigh) {
    // Whole decades only where there are several.
    const decades = Math.log10(yHigh / yLow);
    const room = Math.pow(10, Math.max(0.03, 0.04 * decades));
    bounds.min = yLow / room;
    bounds.max = yHigh * room;
    if (decades < 2.2) {
      // Powers of ten alone would leave the axis bare.
      ticks.customValues = [];
      for (let e = Math.floor(Math.log10(bounds.min)); e <= Math.log10(bounds.max); ++e)
        for (const m of decades < 0.3 ? [1, 1.2, 1.5, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9] : decades < 1.2 ? [1, 2, 3, 4, 6, 8] : [1, 2, 5]) {
          const tick = m * Math.pow(10, e);
          if (tick > bounds.min && tick < bounds.max) ticks.customValues.push(tick);
        }
    }
  }
  return {
    grid: { left: narrow() ? 58 : 74, right: 18, top: 40, bottom: narrow() ? 108 : 96 },
    legend: { type: "scroll", bottom: 0, left: "center", icon: "roundRect", itemWidth: 14, itemHeight: 4, textStyle: { color: colours.text }, pageTextStyle: { color: colours.soft },
      pageIconColor: colours.accent, pageIconInactiveColor: colours.line, data: data.groups.map((group) => group.label), inactiveColor: colours.line },
    toolbox: { right: 10, top: 0, itemSize: 14, iconStyle: { borderColor: colours.soft }, feature: {
      dataZoom: { title: { zoom: "zoom: draw a rectangle", back: "zoom back" } }, restore: { title: "show all" },
      saveAsImage: { title: "save as SVG", type: "svg", name: "optex-" + view.what.replace(/\W+/g, "-") } } },
    tooltip: tooltip(colours, {
      trigger: "axis", axisPointer: { type: "line", snap: false, lineStyle: { color: colours.soft } },
      formatter: (items) => {
        const shown = new Map();
        for (const item of items) {
          const y = item.value[1];
          if (item.seriesType !== "line" || y === null || y === undefined || !Number.isFinite(y)) continue;
          shown.set(item.seriesName + item.seriesIndex, { y, html: row(item.marker, item.seriesName, short(y, 6)) });
        }
        const rows = [...shown.values()].sort((a, b) => b.y - a.y).slice(0, 14).map((entry) => entry.html);
        return rows.length ? `<div style="opacity:.75">${acrossNames[view.across]} ${short(items[0].axisValue, 5)}</div>` + rows.join("") : "";
      },
    }),
    dataZoom: [
      { type: "slider", xAxisIndex: 0, bottom: narrow() ? 34 : 30, height: 16, borderColor: colours.line, fillerColor: colours.accent + "22", handleStyle: { color: colours.accent },
        dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } }, selectedDataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } },
        textStyle: { color: colours.soft }, labelFormatter: (x) => short(view.logX ? x : x, 3), filterMode: "none", brushSelect: false, moveHandleSize: 0 },
      { type: "inside", xAxisIndex: 0, filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, moveOnMouseMove: false, preventDefaultMouseMove: false },
    ],
    xAxis: axis(colours, { type: view.logX ? "log" : "value", name: acrossNames[view.across], nameLocation: "middle", nameGap: 28, scale: true,
      min: view.logX ? undefined : "dataMin", max: "dataMax", axisLabel: { color: colours.soft, hideOverlap: true, formatter: (x) => short(x, 4) },
      splitLine: { show: false } }),
    yAxis: axis(colours, { type: logY ? "log" : "value", name: yName, nameLocation: "end", nameGap: 12, nameTextStyle: { color: colours.soft, align: "left", padding: [0, 0, 0, narrow() ? -48 : -60] }, scale: true, ...bounds,
      axisTick: { show: false, ...ticks },
      axisLabel: { color: colours.soft, formatter: (y) => short(y, 3), showMinLabel: !logY || !!ticks.customValues, showMaxLabel: !logY || !!ticks.customValues, ...ticks } }),
    series,
  };
}

function setUpProgress() {
  const controls = document.getElementById("progress-controls");
  if (!controls) return;
  // How far each still is from the best that anybody found. A draw has no distance, and strangers have no common best.
  const positive = data.runs.every((run) => run.best.every((x) => x === null || x > 0));
  view.scale = data.measure ? "linear" : data.one_problem && !anyNoisy ? "gap" : positive ? "log" : "linear";
  let progress = null;
  const redraw = (change) => { Object.assign(view, change); progress.draw(); };
  const what = [["best", "best value"], ["value", "value"]];
  if (anyNoisy) what.reverse();
  if (hasNorms) what.push(["norm", "gradient norm"]);
  for (const name of qualityNames) what.push(["quality:" + name, name]);
  radios(controls, "show", "what", what, view.what, (value) => redraw({ what: value }));
  radios(controls, "over", "across", [["rounds", "rounds"], ["gradients", "gradients"], ["seconds", "wall time"]], view.across, (value) => redraw({ across: value }));
  radios(controls, "scale", "scale", [["gap", "log gap"], ["log", "log"], ["linear", "linear"]], view.scale, (value) => redraw({ scale: value }));
  toggle(controls, "log-x", "log x", false, (on) => redraw({ logX: on }));
  if (hasSeeds) toggle(controls, "band", "median and band", true, (on) => redraw({ band: on }));
  progress = chart("progress-chart", progressOptions);
}

// ---- predictions ------------------------------------------------------------------------------------------------

const bucketLabels = (buckets) => buckets.first.map((first, k) => (first === buckets.last[k] ? String(first) : `${first}\u2013${buckets.last[k]}`));
const bucketAxis = (colours, buckets) => axis(colours, { type: "category", data: bucketLabels(buckets), name: "round", nameLocation: "middle", nameGap: 26, splitLine: { show: false },
  axisLabel: { color: colours.soft, hideOverlap: true, formatter: (text) => text.split("\u2013")[0] } });

function setUpChain() {
  const controls = document.getElementById("chain-controls");
  const runs = data.runs.map((run, i) => i).filter((i) => data.runs[i].buckets.errors.length > 0);
  if (!controls || runs.length === 0) return;
  let chosen = runs[0];
  const drawn = [];
  chooser(controls, "chain-run", runs, (i) => { chosen = i; drawn.forEach((entry) => entry.draw()); });
  let shown = "error";
  const drawAgain = () => drawn.forEach((entry) => entry.draw());
  if (runs.some((i) => data.runs[i].buckets.cosines.length > 0))
    radios(controls, "predictions", "chain-what", [["error", "relative error"], ["cosine", "cosine to the truth"]], shown, (what) => { shown = what; drawAgain(); });
  drawn.push(chart("error-chart", (colours) => {
    const buckets = data.runs[chosen].buckets, labels = bucketLabels(buckets);
    const isError = shown === "error", cells = isError ? buckets.errors : buckets.cosines;
    const values = cells.map((e) => e[2]);
    const text = (x, digits) => (isError ? short(100 * Math.pow(10, x), digits) + " %" : short(x, digits));
    const colourRange = ["#274b8f", "#2f86a6", "#45a86b", "#a9c04a", "#e8b03a", "#dd6b3d", "#b32d4a"];
    return {
      title: { text: isError ? "prediction error by depth of the chain" : "cosine of prediction and truth by depth of the chain", textStyle: { color: colours.text, fontSize: 13, fontWeight: 600 }, left: 0, top: 0 },
      grid: { left: 68, right: narrow() ? 12 : 96, top: 34, bottom: narrow() ? 84 : 44 },
      tooltip: tooltip(colours, { formatter: (p) => `round ${escapeHtml(labels[p.value[0]])}, depth ${escapeHtml(buckets.depths[p.value[1]])}<br><b>${text(p.value[2], 3)}</b>` }),
      visualMap: { min: isError ? Math.max(-6, Math.floor(Math.min(...values))) : Math.min(0, ...values), max: isError ? Math.min(1, Math.max(-1, Math.ceil(Math.max(...values)))) : 1, calculable: true, precision: isError ? 1 : 2,
        orient: narrow() ? "horizontal" : "vertical", right: narrow() ? "center" : 0, top: narrow() ? "auto" : 30, bottom: narrow() ? 0 : "auto", itemHeight: narrow() ? 120 : 150, itemWidth: 12, textStyle: { color: colours.soft },
        formatter: (x) => text(x, isError ? 1 : 2), inRange: { color: isError ? colourRange : colourRange.slice().reverse() } },
      xAxis: bucketAxis(colours, buckets),
      yAxis: axis(colours, { type: "category", name: "depth", nameLocation: "middle", nameGap: 50, data: buckets.depths, splitLine: { show: false } }),
      series: [{ type: "heatmap", data: cells, emphasis: { itemStyle: { borderColor: colours.text, borderWidth: 1 } }, progressive: 0 }],
    };
  }));
  const lines = (colours, buckets, title, series, yAxis) => ({
    title: { text: title, textStyle: { color: colours.text, fontSize: 13, fontWeight: 600 }, left: 0, top: 0 },
    grid: { left: 62, right: yAxis.length > 1 ? 62 : 18, top: 54, bottom: 44 },
    legend: { top: 22, left: 0, icon: "roundRect", itemWidth: 14, itemHeight: 4, textStyle: { color: colours.text } },
    tooltip: tooltip(colours, { trigger: "axis", formatter: (items) => `<div style="opacity:.75">round ${escapeHtml(items[0].axisValue)}</div>` + items.map((i) => row(i.marker, i.seriesName, short(i.value))).join("") }),
    xAxis: bucketAxis(colours, buckets), yAxis,
    series: series.map((s, k) => ({ type: "line", showSymbol: false, lineStyle: { width: 2 }, color: palette[k], ...s })),
  });
  drawn.push(chart("accepted-chart", (colours) => {
    const buckets = data.runs[chosen].buckets;
    return lines(colours, buckets, "the chain", [{ name: "accepted steps", data: buckets.accepted }, { name: "reach", data: buckets.reach },
      { name: "dropped points", data: buckets.dropped }], [axis(colours, { type: "value", min: 0 })]);
  }));
  drawn.push(chart("model-chart", (colours) => {
    const buckets = data.runs[chosen].buckets;
    const log = (name, position) => axis(colours, { type: "log", name, position, axisLabel: { color: colours.soft, formatter: (y) => short(y, 2) }, splitLine: { show: position === "left", lineStyle: { color: colours.line } } });
    const positive = (ys) => ys.map((y) => (y > 0 ? y : null));
    return lines(colours, buckets, "the model", [{ name: "lengthscale", data: positive(buckets.lengthscale) }, { name: "nugget", data: positive(buckets.nugget), yAxisIndex: 1, lineStyle: { width: 2, type: "dashed" } }],
      [log("", "left"), log("", "right")]);
  }));
}

// ---- time -------------------------------------------------------------------------------------------------------

function setUpTime() {
  const controls = document.getElementById("time-controls");
  const runs = data.runs.map((run, i) => i).filter((i) => !data.runs[i].comparison && data.runs[i].buckets.first.length > 1);
  if (!controls || runs.length === 0) return;
  let chosen = runs[0];
  const drawn = [];
  chooser(controls, "time-run", runs, (i) => { chosen = i; drawn.forEach((entry) => entry.draw()); });
  drawn.push(chart("phase-chart", (colours) => {
    const buckets = data.runs[chosen].buckets;
    const count = buckets.first.map((first, k) => buckets.last[k] - first + 1);
    const phases = Object.keys(buckets.phases).filter((name) => buckets.phases[name].some((x) => x > 0));
    return {
      title: { text: "seconds a round", textStyle: { color: colours.text, fontSize: 13, fontWeight: 600 }, left: 0, top: 0 },
      grid: { left: 62, right: 18, top: 54, bottom: 44 },
      legend: { type: "scroll", top: 22, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: colours.text }, inactiveColor: colours.line },
      tooltip: tooltip(colours, { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => `<div style="opacity:.75">round ${escapeHtml(items[0].axisValue)}</div>` + items.map((i) => row(i.marker, i.seriesName, short(i.value, 3) + " s")).join("") }),
      xAxis: bucketAxis(colours, buckets),
      yAxis: axis(colours, { type: "value", axisLabel: { color: colours.soft, formatter: (y) => short(y, 3) } }),
      series: phases.map((name) => ({ name, type: "bar", stack: "round", barCategoryGap: "0%", color: phaseColours[name], data: buckets.phases[name].map((x, k) => x / count[k]) })),
    };
  }));
  drawn.push(chart("rank-chart", (colours) => {
    const ranks = data.runs[chosen].ranks;
    if (ranks.busy.length < 2 || !(ranks.seconds > 0)) return null;
    const share = ranks.busy.map((x) => (100 * x) / ranks.seconds);
    return {
      title: { text: "computing gradients, % of the time, by rank", textStyle: { color: colours.text, fontSize: 13, fontWeight: 600 }, left: 0, top: 0 },
      grid: { left: 52, right: 18, top: 34, bottom: 44 },
      tooltip: tooltip(colours, { trigger: "axis", axisPointer: { type: "shadow" }, formatter: ([i]) => `rank ${i.dataIndex}${ranks.hosts[i.dataIndex] ? ", " + escapeHtml(ranks.hosts[i.dataIndex]) : ""}<br><b>${short(i.value, 3)} %</b>, ${short(ranks.busy[i.dataIndex], 3)} s` }),
      xAxis: axis(colours, { type: "category", data: ranks.busy.map((_, k) => String(k)), name: "rank", nameLocation: "middle", nameGap: 26, splitLine: { show: false } }),
      yAxis: axis(colours, { type: "value", min: 0, max: 100, axisLabel: { color: colours.soft, formatter: "{value} %" } }),
      series: [{ type: "bar", data: share, color: phaseColours.evaluate, barMaxWidth: 46, itemStyle: { borderRadius: [4, 4, 0, 0] } }],
    };
  }));
}

// ---- what brought the new best ------------------------------------------------------------------------------------

function setUpWinners() {
  const controls = document.getElementById("winner-controls");
  const counts = (i) => Object.values(data.runs[i].buckets.winners);
  const runs = data.runs.map((run, i) => i).filter((i) => counts(i).some((list) => list.some((x) => x > 0)));
  if (!controls || runs.length === 0) return;
  const colours = { model: "#2f7ed8", probe: "#e8710a", chain: "#8e44ad", guard: "#1e9e6a", none: "#b8c0c8" };
  let chosen = runs[0];
  const drawn = [];
  chooser(controls, "winner-run", runs, (i) => { chosen = i; drawn.forEach((entry) => entry.draw()); });
  drawn.push(chart("winner-chart", (theme) => {
    const buckets = data.runs[chosen].buckets, names = Object.keys(buckets.winners);
    const all = buckets.first.map((_, k) => names.reduce((sum, name) => sum + buckets.winners[name][k], 0));
    return {
      title: { text: "what brought the new best, %", textStyle: { color: theme.text, fontSize: 13, fontWeight: 600 }, left: 0, top: 0 },
      grid: { left: 52, right: 18, top: 54, bottom: 44 },
      legend: { top: 22, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: theme.text } },
      tooltip: tooltip(theme, { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => `<div style="opacity:.75">round ${escapeHtml(items[0].axisValue)}</div>` + items.map((i) => row(i.marker, i.seriesName, short(i.value, 3) + " %")).join("") }),
      xAxis: bucketAxis(theme, buckets),
      yAxis: axis(theme, { type: "value", min: 0, max: 100, axisLabel: { color: theme.soft, formatter: "{value} %" } }),
      series: names.map((name) => ({ name, type: "bar", stack: "all", barCategoryGap: "0%", color: colours[name], data: buckets.winners[name].map((x, k) => (all[k] > 0 ? (100 * x) / all[k] : 0)) })),
    };
  }));
}

// ---- the solution -------------------------------------------------------------------------------------------------

const fieldColours = ["#30123b", "#4145ab", "#4675ed", "#39a2fc", "#1bcfd4", "#24eca6", "#61fc6c", "#a4fc3b", "#d1e834", "#f3c63a", "#fe9b2d", "#f36315", "#d93806", "#b11901", "#7a0402"];
const greys = ["#000000", "#ffffff"];

function setUpFields() {
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
    const entry = { chart: echarts.init(element, null, { renderer: "canvas" }), element };
    entry.draw = () => {
      element.style.height = `${Math.round(height(element.clientWidth))}px`;
      entry.chart.resize();
      entry.chart.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, aria: { enabled: true, label: { description: title } }, ...options()(theme()) }, { notMerge: true });
    };
    entry.draw();
    charts.push(entry);
    drawn.push(entry);
  }

  function build() {
    drawn.forEach((entry) => { entry.chart.dispose(); charts.splice(charts.indexOf(entry), 1); });
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

document.body.classList.add("live");
setUpProgress();
setUpFields();
setUpChain();
setUpWinners();
setUpTime();

const redrawAll = () => charts.forEach((entry) => entry.draw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
let waiting = 0;
let width = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === width) return; // phones resize when their bars come and go
  width = document.body.clientWidth;
  clearTimeout(waiting);
  waiting = setTimeout(redrawAll, 60);
}).observe(document.body);
window.addEventListener("beforeprint", () => { printing = true; redrawAll(); });
window.addEventListener("afterprint", () => { printing = false; redrawAll(); });
