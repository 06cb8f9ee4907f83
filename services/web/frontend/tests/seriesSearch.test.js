import assert from "node:assert/strict";
import { test } from "node:test";

import { indexSeries, searchSeries } from "../page/dialogs/seriesSearch.js";

const ALL = [
  { name: "Kitchen.temperature", unit: "°C", last: 3 },
  { name: "kitchen.power", unit: "W", last: 9, label: "Küche: Strom" },
  { name: "cellar.temperature", unit: "°C", last: null },
  { name: "a.*+(b)", unit: null, last: 1 },
];

/** @param {number} number */
const cpu = (number) => ({
  name: `cpu,host=web-01,cpu=cpu${number} usage`,
  unit: "%",
  tags: { measurement: "cpu", field: "usage", tags: { host: "web-01", cpu: `cpu${number}` } },
});

/** @param {string} search @param {string[]} selected */
const names = (search, selected = [], all = ALL) =>
  searchSeries(indexSeries(all), search, new Set(selected)).map(({ series }) => series.name);

test("a series matches if its name has every word, in any order and case", () => {
  assert.deepEqual(names("TEMP kitchen"), ["Kitchen.temperature"]);
  assert.deepEqual(names("temp bath"), []);
  assert.equal(names("  ").length, 4);
});

test("a word may be the unit, and no character is special", () => {
  assert.deepEqual(names("°c").sort(), ["Kitchen.temperature", "cellar.temperature"]);
  assert.deepEqual(names("*+("), ["a.*+(b)"]);
});

test("a series is found by its label, without accents", () => {
  assert.deepEqual(names("kuche"), ["kitchen.power"]);
});

test("a series is found by the key and the value of a tag", () => {
  const all = [cpu(1), { ...cpu(2), name: "renamed" }];
  assert.deepEqual(names("host=web-01 cpu2", [], all), ["renamed"]);
});

test("whole words come first, in natural order", () => {
  const all = [cpu(10), cpu(2), cpu(1)];
  assert.deepEqual(names("cpu", [], all), [cpu(1), cpu(2), cpu(10)].map(({ name }) => name));
  assert.deepEqual(names("cpu1", [], all), [cpu(1), cpu(10)].map(({ name }) => name));
});

test("without a search, selected series come first", () => {
  assert.equal(names("", ["kitchen.power"])[0], "kitchen.power");
});
