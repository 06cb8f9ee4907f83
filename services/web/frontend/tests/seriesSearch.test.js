import assert from "node:assert/strict";
import { test } from "node:test";

import { searchSeries } from "../page/dialogs/seriesSearch.js";

const ALL = [
  { name: "Kitchen.temperature", unit: "°C", last: 3 },
  { name: "kitchen.power", unit: "W", last: 9 },
  { name: "cellar.temperature", unit: "°C", last: null },
  { name: "a.*+(b)", unit: null, last: 1 },
];

/** @param {string} search @param {string[]} chosen */
const names = (search, chosen = []) => searchSeries(ALL, search, new Set(chosen)).map(({ name }) => name);

test("every word must be found, in any order and case", () => {
  assert.deepEqual(names("TEMP kitchen"), ["Kitchen.temperature"]);
  assert.deepEqual(names("temp bath"), []);
  assert.equal(names("  ").length, 4);
});

test("a word may be the unit, and no letter is special", () => {
  assert.deepEqual(names("°c"), ["Kitchen.temperature", "cellar.temperature"]);
  assert.deepEqual(names("*+("), ["a.*+(b)"]);
});

test("chosen ones come first, then those with the newest readings", () => {
  assert.deepEqual(names("", ["a.*+(b)"])[0], "a.*+(b)");
  assert.deepEqual(names("").slice(0, 2), ["kitchen.power", "Kitchen.temperature"]);
});
