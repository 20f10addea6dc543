// Fields above a chart that choose what it shows.
import { data, escapeHtml } from "./page.js";

export function radios(parent, legend, name, entries, chosen, onChange) {
  const field = document.createElement("fieldset");
  field.innerHTML = `<legend>${legend}</legend>` + entries
    .map(([value, text]) => `<label><input type="radio" name="${name}" value="${escapeHtml(value)}"${value === chosen ? " checked" : ""}>${escapeHtml(text)}</label>`)
    .join("");
  field.addEventListener("change", (event) => onChange(event.target.value));
  parent.append(field);
}

export function toggle(parent, name, text, on, onChange) {
  const field = document.createElement("fieldset");
  field.innerHTML = `<label><input type="checkbox" name="${name}"${on ? " checked" : ""}>${escapeHtml(text)}</label>`;
  field.addEventListener("change", (event) => onChange(event.target.checked));
  parent.append(field);
}

export function chooser(parent, name, runs, onChange) {
  if (runs.length < 2) return;
  const select = document.createElement("select");
  select.name = name;
  select.setAttribute("aria-label", "run");
  for (const i of runs) select.add(new Option(data.runs[i].label, i));
  select.addEventListener("change", () => onChange(Number(select.value)));
  parent.append(select);
}
