import assert from "node:assert/strict";
import { test } from "node:test";

import { niceRange } from "../chart/niceRange.js";
import { valueTicks } from "../chart/ticks.js";
import { formatLogTick, formatTick } from "../chart/valueLabels.js";

/**
 * Format a number with these decimals, in the language of the machine.
 *
 * @param {number} value
 * @param {number} decimals
 */
const localized = (value, decimals) =>
  value.toLocaleString(undefined, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });

/**
 * Return the labels of an axis that shows the values from `min` to `max`.
 *
 * @param {number} min
 * @param {number} max
 * @param {string | null} unit
 */
function axisLabels(min, max, unit) {
  const range = niceRange(null, min, max, 8);
  const magnitude = Math.max(Math.abs(range.min), Math.abs(range.max));
  return valueTicks(range).map((value) => formatTick(value, range.step, unit, magnitude));
}

test("the labels of an axis share their prefix", () => {
  assert.deepEqual(
    [0, 500, 1_000].map((value) => formatTick(value, 500, "W", 1_500)),
    ["0", `${localized(0.5, 1)} kW`, `${localized(1, 1)} kW`],
  );
  assert.equal(formatTick(1_050, 50, "W", 1_200), `${localized(1.05, 2)} kW`);
  assert.equal(formatTick(80, 20, "W", 100), "80");
  assert.equal(formatTick(1_500, 500, "rpm", 2_000), localized(1_500, 0));
});

test("a label has as many decimals as the step needs", () => {
  assert.equal(formatTick(0.30000000000000004, 0.1), localized(0.3, 1));
  assert.equal(formatTick(101_325.02, 0.02), localized(101_325.02, 2));
  assert.equal(formatTick(20, 5), "20");
  assert.notEqual(formatTick(1_200_000, 200_000), formatTick(1_400_000, 200_000));
});

test("no two labels of an axis are alike, also at a large offset", () => {
  const offsets = [0, 20, -7.5, 101_325, 12.346e9, 3e12, 4e15, 1e18, 2e-7];
  for (const unit of [null, "W", "B", "°C", "s"]) {
    for (const offset of offsets) {
      for (const spread of [1e-9, 0.003, 0.7, 50, 1e6, 1e10, 1e16]) {
        const max = offset + spread;
        if ((max - offset) / Math.max(1e-300, max) < 1e-11) continue;
        const labels = axisLabels(offset, max, unit);
        assert.ok(labels.length > 1, `${offset} ${spread}: ${labels}`);
        assert.equal(new Set(labels).size, labels.length, `${offset} ${spread}: ${labels}`);
      }
    }
  }
});

test("ten million without a unit is written out", () => {
  assert.equal(formatTick(10_000_000, 2_000_000, null, 10_000_000), localized(10_000_000, 0));
  assert.equal(formatTick(12_000, 2_000, "°C", 12_000), localized(12_000, 0));
});

test("labels of an axis with logarithms have a unit each if one has a prefix", () => {
  const labels = [200, 500, 1_000, 5_000].map((value) => formatLogTick(value, "W", 5_000));
  assert.deepEqual(labels, ["200 W", "500 W", "1 kW", "5 kW"]);
  assert.deepEqual(formatLogTick(200, "°C", 5_000), "200");
  assert.deepEqual(formatLogTick(200, "W", 900), "200");
});
