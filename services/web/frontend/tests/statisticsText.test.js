import assert from "node:assert/strict";
import { test } from "node:test";

import { COLUMN_TITLES, formatStatistics } from "../page/selection/statisticsText.js";

const NOTHING = {
  kind: "measure", count: 0, min: null, max: null, mean: null, difference: null, slope: null,
  integral: null, durations: null,
};

/**
 * @param {import("../format.js").ValueSource} series
 * @param {object} statistics
 * @param {number} [spanSeconds]
 */
function textsOf(series, statistics, spanSeconds = 600) {
  const cells = formatStatistics(series, { ...NOTHING, ...statistics }, spanSeconds);
  return Object.fromEntries(COLUMN_TITLES.map((title, i) => [title, cells[i]]));
}

test("power has an energy, other quantities have none", () => {
  const integral = 3_600 * 1_500;
  assert.equal(textsOf({ unit: "W" }, { integral }).Energy, "1.5 kWh");
  assert.equal(textsOf({ unit: "kW" }, { integral: 3_600 * 2 }).Energy, "2 kWh");
  assert.equal(textsOf({ unit: "°C" }, { integral }).Energy, "");
});

test("the slope is for a time that fits the range", () => {
  const slope = 1 / 3_600;
  assert.equal(textsOf({ unit: "°C" }, { slope }, 7_200).Slope, "+1 °C/h");
  assert.equal(textsOf({ unit: "°C" }, { slope: -1 }, 10).Slope, "-1 °C/s");
  assert.equal(textsOf({ unit: "°C" }, { slope }, 30 * 86_400).Slope, "+24 °C/d");
});

test("a state has the time of each value and no mean", () => {
  const durations = { 0: 60, 1: 3_600 };
  const series = { unit: null, kind: "state", states: { 0: "closed", 1: "open" } };
  const found = textsOf(series, { kind: "state", mean: 0.9, min: 0, max: 1, durations, count: 2 });
  assert.equal(found.States, "open 1 h · closed 1 min");
  assert.deepEqual([found.Min, found.Mean, found.Slope], ["", "", ""]);
});

test("a counter has its increase and no mean", () => {
  const series = { unit: "kWh", kind: "counter" };
  const found = textsOf(series, { kind: "counter", difference: 7.3, integral: 5, mean: 4 });
  assert.deepEqual([found.Difference, found.Mean, found.Energy], ["+7.3 kWh", "", ""]);
});

test("an estimate says what only the server knows", () => {
  const series = { unit: "kWh", kind: "counter" };
  const estimate = { kind: "counter", isEstimate: true };
  assert.equal(textsOf(series, estimate).Difference, "…");
  assert.equal(textsOf(series, { ...estimate, isEstimate: false }).Difference, "");
  assert.equal(textsOf({ unit: null }, { kind: "state", isEstimate: true }).States, "…");
});
