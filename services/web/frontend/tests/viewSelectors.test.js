import assert from "node:assert/strict";
import { test } from "node:test";

import { matchesPattern, matchingNames } from "../page/views/selectors.js";

/** @param {string} host @param {string} field */
const point = (host, field) => ({
  name: `cpu,host=${host} ${field}`,
  tags: { measurement: "cpu", field, tags: { host } },
});
const ALL = [
  point("web-10", "usage"),
  point("web-2", "usage"),
  point("db", "idle"),
  { name: "kitchen.temperature", tags: null },
  { name: "cellar.temperature" },
];

test("star matches any characters, everything else is literal", () => {
  for (const [pattern, text, expected] of /** @type {const} */ ([
    ["*", "", true],
    ["a*", "a", true],
    ["*.temperature", "kitchen.temperature", true],
    ["k*n.*e", "kitchen.temperature", true],
    ["a*a", "a", false],
    ["a*b*c", "acb", false],
    ["*ab*b", "ab", false],
    ["a?", "ab", false],
    ["a", "a", true],
  ])) assert.equal(matchesPattern(pattern, text), expected, `${pattern} ${text}`);
});

test("names keep the order of selectors, and patterns the natural order", () => {
  const series = ["cellar.temperature", "*.temperature", "unknown"];
  assert.deepEqual(matchingNames({ series, tags: [] }, ALL), [
    "cellar.temperature",
    "kitchen.temperature",
  ]);
  assert.deepEqual(matchingNames({ series: [], tags: ["host=web-*"] }, ALL), [
    "cpu,host=web-2 usage",
    "cpu,host=web-10 usage",
  ]);
});

test("values of a key are alternatives, and all keys must match", () => {
  const names = (/** @type {string[]} */ ...tags) => matchingNames({ series: [], tags }, ALL);
  assert.equal(names("host=web-2", "host=db").length, 2);
  assert.deepEqual(names("host=web-2", "host=db", "field=idle"), ["cpu,host=db idle"]);
  assert.deepEqual(names("host="), ["cellar.temperature", "kitchen.temperature"]);
  assert.equal(names("host=*").length, 3);
  assert.equal(names("measurement=cpu").length, 3);
});

test("names and tags must both match", () => {
  const selectors = { series: ["*usage"], tags: ["host=web-2", "host=db"] };
  assert.deepEqual(matchingNames(selectors, ALL), ["cpu,host=web-2 usage"]);
});

test("nothing selects nothing", () => {
  assert.deepEqual(matchingNames({ series: [], tags: [] }, ALL), []);
});
