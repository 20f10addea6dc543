#include "page_style.hpp"

namespace optex {

std::string_view page_style() {
  return R"css(
:root { color-scheme: light dark; --back: #fbfbf9; --card: #ffffff; --text: #1c2127; --soft: #5d6670; --line: #e1e4e8;
  --accent: #2368bd; --on-accent: #fff; --good: #1a7a4c; --bad: #b92f35; --warn: #8f5500; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --card: #1c2026; --text: #e6e9ed; --soft: #9aa4af;
  --line: #2f363e; --accent: #6aa9f0; --on-accent: #10202f; --good: #4cc38a; --bad: #ff7b7f; --warn: #e6a23c; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 20px 60px; }
header h1 { font-size: 1.7rem; margin: 0 0 2px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
header p { color: var(--soft); margin: 0; }
nav { display: flex; gap: 4px 16px; flex-wrap: wrap; margin: 14px 0 0; font-size: 0.92rem; }
nav a { color: var(--accent); text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 18px 0 0; }
h2 { font-size: 1.12rem; margin: 0 0 4px; }
h3 { font-size: 0.98rem; margin: 18px 0 4px; }
p.about { color: var(--soft); margin: 0 0 10px; font-size: 0.92rem; max-width: 80ch; }
ul.findings { margin: 8px 0 0; padding-left: 20px; } ul.findings li { margin: 5px 0; overflow-wrap: anywhere; max-width: 95ch; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(136px, 1fr)); gap: 10px; margin-top: 18px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px; }
.card b { display: block; font-size: 1.08rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card span { color: var(--soft); font-size: 0.84rem; }
.state-finished { color: var(--good); } .state-failed { color: var(--bad); }
.state-stopped, .state-running, .state-unknown, .state-waiting { color: var(--warn); }
.scroll { overflow-x: auto; max-width: 100%; } .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.92rem; min-width: 50%; }
th, td { text-align: right; padding: 5px 12px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.text, th.text { text-align: left; } td.wide { white-space: normal; overflow-wrap: anywhere; min-width: 16ch; }
td .times { color: var(--soft); margin-left: 6px; } td.best b { color: var(--good); }
h3 small { color: var(--soft); font-weight: 400; margin-left: 6px; }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 0 28px; }
.tables th, .tables td { padding: 5px 9px; }
.tables > div, .still > div, main > *, section > * { min-width: 0; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 8px; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 18px; margin: 8px 0 4px; align-items: center; font-size: 0.9rem; }
.controls fieldset { border: 0; padding: 0; margin: 0; min-width: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 4px; }
.controls legend { float: left; color: var(--soft); padding: 0 8px 0 0; }
.controls label { border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; cursor: pointer; user-select: none;
  min-width: 0; overflow-wrap: anywhere; }
.controls label:has(input:checked) { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.controls label:has(input:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.controls input { position: absolute; opacity: 0; pointer-events: none; }
.controls select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: 3px 8px; max-width: 100%; }
.chart { width: 100%; overflow: hidden; } .chart.tall { height: 440px; } .chart.medium { height: 300px; } .chart.low { height: 220px; }
.still svg { max-width: 100%; height: auto; } .still { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 14px; }
.bar { display: flex; height: 16px; border-radius: 4px; overflow: hidden; min-width: 220px; background: var(--line); }
.bar i { display: block; height: 100%; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.86rem; color: var(--soft); margin: 8px 0 0; }
.keys i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
details { margin-top: 10px; } summary { cursor: pointer; color: var(--accent); }
code, pre { font: 0.86rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { overflow-x: auto; margin: 8px 0 0; columns: 280px auto; column-gap: 32px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 8px 0 0; font-size: 0.92rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 0.84rem; margin: 22px 4px 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 10px 18px; margin: 8px 0 14px; }
figure { margin: 0; min-width: 0; } figcaption { font-size: 0.9rem; font-weight: 600; overflow-wrap: anywhere; } .field-chart { width: 100%; overflow: hidden; }
.colour-bar { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; font-size: 0.86rem; color: var(--soft); overflow-wrap: anywhere; }
.colour-bar i { flex: 0 1 200px; min-width: 60px; height: 12px; border-radius: 3px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.controls label.slider { border: 0; padding: 0; display: flex; gap: 8px; align-items: center; } .controls label.slider[hidden] { display: none; }
.controls .slider input { position: static; opacity: 1; pointer-events: auto; width: min(260px, 60vw); accent-color: var(--accent); }
body.live .still { display: none; } body:not(.live) .interactive { display: none; }
@media (max-width: 640px) { main { padding: 14px 10px 40px; } section { padding: 14px 12px; } header h1 { font-size: 1.35rem; }
  .chart.tall { height: 400px; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; } }
@media print { :root { --back: #fff; --card: #fff; --text: #000; --soft: #444; --line: #ccc; --accent: #2368bd; --good: #1a7a4c; --bad: #b92f35; --warn: #8f5500;
  color-scheme: light; }
  html, body { font-size: 11px; } main { max-width: none; padding: 0; } section { border: 0; padding: 6px 0; break-inside: avoid-page; }
  nav, .controls { display: none; } .scroll { overflow: visible; } table { width: 100%; font-size: 9px; } .tables { grid-template-columns: 1fr; }
  th, td { padding: 3px; white-space: normal; } td:first-child, td.text, td.wide, td code { overflow-wrap: anywhere; min-width: 14ch; } .tables td:first-child { min-width: 0; } .bar { min-width: 60px; } pre { columns: 2; white-space: pre-wrap; }
  body.live .still { display: grid; grid-template-columns: 1fr 1fr; } .interactive.progress { display: none; } }
)css";
}

}  // namespace optex
