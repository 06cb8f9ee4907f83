import assert from "node:assert/strict";
import { test } from "node:test";

import { createIncreaseFigures } from "../page/panel/increaseFigures.js";
import { Increases } from "../store/increases.js";
import { Series } from "../store/series.js";

/** Increases of three hours; the second one has no readings. */
function loadedIncreases() {
  const increases = new Increases();
  const meter = { unit: "kWh", t: [0, 3_600, 7_200], increase: [1.5, null, 2], total: 3.5 };
  const silent = { unit: "kWh", t: [0, 3_600], increase: [null, null], total: null };
  const response = { from: 0, to: 9_000, series: { meter, silent } };
  increases.replace(response, "hour", (start) => start + 3_600);
  increases.replaceToday(response);
  return increases;
}

/** @param {string} name @param {number | null} [decimals] */
function statsOf(name, decimals = null) {
  const loader = /** @type {any} */ ({ increases: loadedIncreases() });
  const series = new Series(name);
  series.unit = "kWh";
  series.decimals = decimals;
  return createIncreaseFigures(loader).sentence(series, 0, 9_000, 9_000);
}

test("a period without readings has no bar", () => {
  const increases = loadedIncreases();
  const starts = increases.bars("meter", 0, 9_000).map(({ start }) => start);
  assert.deepEqual(starts, [0, 7_200]);
  assert.equal(increases.barAt("meter", 5_000), null);
  assert.equal(increases.barAt("meter", 7_200)?.increase, 2);
});

test("a period without readings counts neither in the sum nor in the highest bar", () => {
  assert.equal(statsOf("meter"), "today 3.5 kWh, sum 3.5 kWh, highest hour 2 kWh");
});

test("an increase has the decimals that were set for its counter", () => {
  assert.equal(statsOf("meter", 2), "today 3.50 kWh, sum 3.50 kWh, highest hour 2.00 kWh");
});

test("a counter without any known increase shows none", () => {
  assert.equal(loadedIncreases().today("silent"), null);
  assert.equal(statsOf("silent"), "no increase known");
});

test("only bars that overlap a range are returned", () => {
  const increases = loadedIncreases();
  assert.deepEqual(increases.bars("meter", 3_600, 7_200), []);
  assert.equal(increases.bars("meter", 3_599, 7_201).length, 2);
  assert.deepEqual(increases.bars("other", 0, 9_000), []);
});
