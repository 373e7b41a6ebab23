// The shell's first load, gzipped: the scripts and styles of index.html, and what they import
// statically. The map is only fetched ahead, so it does not count. Ends with 1 over budget.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 120;
const root = new URL("../src/watchfloor_ui/static/", import.meta.url).pathname;
const html = readFileSync(join(root, "index.html"), "utf8");
const seen = new Set(["index.html"]);

function follow(path) {
  if (seen.has(path)) return;
  seen.add(path);
  if (!path.endsWith(".js")) return;
  const code = readFileSync(join(root, path), "utf8");
  for (const [, next] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) follow(`assets/${next}`);
}

for (const [tag] of html.matchAll(/<(?:script|link)\b[^>]*>/g)) {
  const path = /(?:src|href)="\/([^"]+)"/.exec(tag)?.[1];
  if (path && !/rel="(?:module)?preload"/.test(tag)) follow(path);
}

let total = 0;
for (const path of seen) {
  const size = gzipSync(readFileSync(join(root, path)), { level: 9 }).length;
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(7)} KB  ${path}`);
}
const kb = total / 1024;
console.log(`${kb.toFixed(1).padStart(7)} KB  in all, budget ${BUDGET_KB} KB`);
process.exit(kb > BUDGET_KB ? 1 : 0);
