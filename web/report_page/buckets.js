// Rounds in groups, where there are more than a chart can show one by one.
import { axis } from "./charts.js";

export const bucketLabels = (buckets) => buckets.first.map((first, k) => (first === buckets.last[k] ? String(first) : `${first}\u2013${buckets.last[k]}`));
export const bucketAxis = (colours, buckets) => axis(colours, { type: "category", data: bucketLabels(buckets), name: "round", nameLocation: "middle", nameGap: 26, splitLine: { show: false },
  axisLabel: { color: colours.soft, hideOverlap: true, formatter: (text) => text.split("\u2013")[0] } });
