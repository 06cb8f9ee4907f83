import assert from "node:assert/strict";
import test from "node:test";

import { fitAxis } from "../chart/axisRange.js";
import { valueTicks } from "../chart/ticks.js";

const LINEAR = /** @type {const} */ ({ scale: "linear", zero: false, min: null, max: null });

test("an axis from zero begins at zero", () => {
  const range = fitAxis(null, 20, 30, 200, { ...LINEAR, zero: true });
  assert.equal(range.min, 0);
  assert.ok(range.max >= 30);
});

test("a fixed axis keeps its ends, and stays the same object", () => {
  const options = { ...LINEAR, min: 10, max: 50 };
  const range = fitAxis(null, 20, 300, 200, options);
  assert.deepEqual([range.min, range.max], [10, 50]);
  assert.equal(fitAxis(range, 0, 400, 200, options), range);
});

const LOG = /** @type {const} */ ({ ...LINEAR, scale: "log" });

test("an axis with logarithms ends at round numbers, also with values below zero", () => {
  const range = fitAxis(null, 3, 4_000, 200, LOG);
  assert.deepEqual([range.min, range.max], [2, 5_000]);
  assert.deepEqual(valueTicks(range), [10, 100, 1_000]);
  assert.ok(fitAxis(null, -5, 800, 200, LOG).min > 0);
});

test("an axis with logarithms does not waste half of its height", () => {
  const range = fitAxis(null, 138, 2_705, 200, LOG);
  assert.deepEqual([range.min, range.max], [100, 5_000]);
  assert.deepEqual(valueTicks(range), [100, 200, 500, 1_000, 2_000, 5_000]);
});

test("an axis with logarithms does not jump when a value passes a label", () => {
  const range = fitAxis(null, 3, 60, 200, LOG);
  assert.deepEqual([range.min, range.max], [2, 100]);
  assert.equal(fitAxis(range, 3, 40, 200, LOG), range);
  assert.equal(fitAxis(range, 6, 40, 200, LOG), range);
  assert.equal(fitAxis(range, 3, 110, 200, LOG).max, 200);
  assert.equal(fitAxis(range, 3, 15, 200, LOG).max, 20);
});

test("an axis with logarithms has ends for the largest and the smallest numbers", () => {
  const { min, max } = fitAxis(null, Number.MIN_VALUE, Number.MAX_VALUE, 200, LOG);
  assert.ok(min > 0 && max < Infinity);
});
