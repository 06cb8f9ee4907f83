import assert from "node:assert/strict";
import { test } from "node:test";

import { searchSeries } from "../page/dialogs/seriesSearch.js";

const ALL = [
  { name: "Kitchen.temperature", unit: "°C", last: 3 },
  { name: "kitchen.power", unit: "W", last: 9 },
  { name: "cellar.temperature", unit: "°C", last: null },
  { name: "a.*+(b)", unit: null, last: 1 },
];

/** @param {string} search @param {string[]} selected */
const names = (search, selected = []) =>
  searchSeries(ALL, search, new Set(selected)).map(({ name }) => name);

test("a series matches if its name has every word, in any order and case", () => {
  assert.deepEqual(names("TEMP kitchen"), ["Kitchen.temperature"]);
  assert.deepEqual(names("temp bath"), []);
  assert.equal(names("  ").length, 4);
});

test("a word may be the unit, and no character is special", () => {
  assert.deepEqual(names("°c"), ["Kitchen.temperature", "cellar.temperature"]);
  assert.deepEqual(names("*+("), ["a.*+(b)"]);
});

test("selected series come first, then those with the newest readings", () => {
  assert.deepEqual(names("", ["a.*+(b)"])[0], "a.*+(b)");
  assert.deepEqual(names("").slice(0, 2), ["kitchen.power", "Kitchen.temperature"]);
});
