// The charts of the page: what they are made of, how they look, and when they are drawn again.
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
import { escapeHtml } from "./page.js";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, CustomChart, DataZoomComponent, GridComponent, HeatmapChart, LegendComponent,
  LegendScrollComponent, LineChart, MarkLineComponent, SVGRenderer, TitleComponent, ToolboxComponent, TooltipComponent,
  VisualMapContinuousComponent,
]);

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
let printing = false;

export function theme() {
  if (printing) return { text: "#000", soft: "#444", line: "#ccc", card: "#fff", accent: "#2f7ed8" };
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { text: read("--text"), soft: read("--soft"), line: read("--line"), card: read("--card"), accent: read("--accent") };
}

export const narrow = () => window.innerWidth < 640;

export function axis(colours, more) {
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

export function tooltip(colours, more) {
  return {
    backgroundColor: colours.card,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontSize: 12 },
    confine: true,
    transitionDuration: 0,
    ...more,
  };
}

export const row = (marker, name, value) =>
  `<div style="display:flex;gap:14px;justify-content:space-between"><span>${marker}${escapeHtml(name)}</span><b>${value}</b></div>`;

const charts = new Set();

/// A chart within an element; `draw(chart)` draws it, now and whenever the page changes.
export function draw(element, renderer, drawer) {
  const entry = { chart: echarts.init(element, null, { renderer }), element };
  entry.draw = () => drawer(entry.chart);
  charts.add(entry);
  entry.draw();
  return entry;
}

export function dispose(entry) {
  entry.chart.dispose();
  charts.delete(entry);
}

/// The chart of the element `id`, where the page has one; options(theme) are those of ECharts, or null for none.
export function chart(id, options) {
  const element = document.getElementById(id);
  if (!element) return null;
  return draw(element, "svg", (drawn) => {
    const wanted = options(theme());
    element.style.display = wanted ? "" : "none";
    if (!wanted) return;
    drawn.resize();
    drawn.setOption({ animation: !reducedMotion && !printing, animationDuration: 250, textStyle: { fontFamily: "inherit" },
      aria: { enabled: true }, ...wanted }, { notMerge: true });
  });
}

export const redrawAll = () => charts.forEach((entry) => entry.draw());

/// On paper in black, whatever the screen shows.
export function drawForPaper(on) {
  printing = on;
  redrawAll();
}
