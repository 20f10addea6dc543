// F, gradients and quality by rounds, gradients and time.
import { axis, chart, narrow, row, tooltip } from "./charts.js";
import { radios, toggle } from "./controls.js";
import { data, palette, short } from "./page.js";

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

export function setUpProgress() {
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
