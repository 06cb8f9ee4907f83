import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** @param {string} name */
const read = (name) =>
  JSON.parse(readFileSync(new URL(`../../../../${name}`, import.meta.url), "utf8"));

test("Chart.js has an exact version, because the chart uses its private members", () => {
  const pinned = read("package.json").dependencies["chart.js"];
  assert.match(pinned, /^\d+\.\d+\.\d+$/);
  assert.equal(read("package-lock.json").packages["node_modules/chart.js"].version, pinned);
});
