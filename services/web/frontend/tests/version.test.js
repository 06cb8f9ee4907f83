import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** @param {string} name */
const read = (name) =>
  JSON.parse(readFileSync(new URL(`../../../../${name}`, import.meta.url), "utf8"));

test("Chart.js is pinned to the digit, for the line uses what is private in it", () => {
  const wanted = read("package.json").dependencies["chart.js"];
  assert.match(wanted, /^\d+\.\d+\.\d+$/);
  assert.equal(read("package-lock.json").packages["node_modules/chart.js"].version, wanted);
});
