// What the page holds, and how it writes numbers and words.
export const data = JSON.parse(document.getElementById("data").textContent);
export const palette = ["#2f7ed8", "#e8710a", "#1e9e6a", "#c2417c", "#7c5cd6", "#b08c00", "#12a1b8", "#d64545", "#7a8b2f", "#96705a"];
export const phaseColours = { fit: "#7c5cd6", chain: "#c2417c", evaluate: "#1e9e6a", wait: "#b8c0c8", update: "#e8710a",
  checkpoint: "#b08c00", quality: "#12a1b8" };

export const short = (x, digits = 4) => {
  if (x === null || x === undefined || !Number.isFinite(x)) return "-";
  const size = Math.abs(x);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return x.toExponential(Math.max(0, digits - 1)).replace(/\.?0+e/, "e").replace("e+", "e");
  return String(Number(x.toPrecision(digits)));
};
export const escapeHtml = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
