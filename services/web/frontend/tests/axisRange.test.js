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

test("an axis with logarithms ends at powers of ten, also with values below zero", () => {
  const options = /** @type {const} */ ({ ...LINEAR, scale: "log" });
  const range = fitAxis(null, 3, 4_000, 200, options);
  assert.deepEqual([range.min, range.max], [1, 10_000]);
  assert.deepEqual(valueTicks(range), [1, 10, 100, 1_000, 10_000]);
  assert.ok(fitAxis(null, -5, 800, 200, options).min > 0);
});
