// The interactive charts of a report. The page works without this script; it takes the place of the still pictures.
import { drawForPaper, redrawAll } from "./charts.js";
import { setUpFields } from "./fields.js";
import { setUpPredictions } from "./predictions.js";
import { setUpProgress } from "./progress.js";
import { setUpTime } from "./time.js";
import { setUpWinners } from "./winners.js";

document.body.classList.add("live");
setUpProgress();
setUpFields();
setUpPredictions();
setUpWinners();
setUpTime();

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
let waiting = 0;
let width = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === width) return; // phones resize when their bars come and go
  width = document.body.clientWidth;
  clearTimeout(waiting);
  waiting = setTimeout(redrawAll, 60);
}).observe(document.body);
window.addEventListener("beforeprint", () => drawForPaper(true));
window.addEventListener("afterprint", () => drawForPaper(false));
