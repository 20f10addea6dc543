// How good predictions were, and what the chain made of them.
import { bucketAxis, bucketLabels } from "./buckets.js";
import { axis, chart, narrow, row, tooltip } from "./charts.js";
import { chooser, radios } from "./controls.js";
import { data, escapeHtml, palette, short } from "./page.js";

export function setUpPredictions() {
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
