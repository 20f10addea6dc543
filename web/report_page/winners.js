// Which kind of point brought the new best.
import { bucketAxis } from "./buckets.js";
import { axis, chart, row, tooltip } from "./charts.js";
import { chooser } from "./controls.js";
import { data, escapeHtml, short } from "./page.js";

export function setUpWinners() {
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
