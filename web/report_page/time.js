// Where the time went: by phases of a round, and by ranks.
import { bucketAxis } from "./buckets.js";
import { axis, chart, row, tooltip } from "./charts.js";
import { chooser } from "./controls.js";
import { data, escapeHtml, phaseColours, short } from "./page.js";

export function setUpTime() {
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
