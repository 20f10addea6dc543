// node build.mjs OUTPUT.cpp: bundles main.js with what it imports and writes it as C++ text, so that the program
// carries it. Run in a folder that holds node_modules.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";

const result = await build({
  entryPoints: ["main.js"],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2020",
  charset: "ascii",
  legalComments: "eof",
  banner: { js: "/*! Charts: Apache ECharts, Copyright The Apache Software Foundation, Apache License 2.0 */" },
});
const script = result.outputFiles[0].text;
if (/<\/script/i.test(script) || script.includes(')OPTEX"')) throw new Error("the bundle cannot stand within a page");
const longest = 60000; // C++ promises no more than 65536 characters in one literal
const pieces = [];
for (let at = 0; at < script.length; at += longest) pieces.push(`  text += R"OPTEX(${script.slice(at, at + longest)})OPTEX";`);
writeFileSync(
  process.argv[2],
  `#include "chart_bundle.hpp"

namespace optex {

std::string chart_bundle() {
  std::string text;
${pieces.join("\n")}
  return text;
}

std::string chart_bundle_sha256() { return "${createHash("sha256").update(script).digest("base64")}"; }

}  // namespace optex
`,
);
