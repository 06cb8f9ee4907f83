import assert from "node:assert/strict";
import { test } from "node:test";

import { niceRange } from "../chart/niceRange.js";
import { valueTicks } from "../chart/ticks.js";

test("a range contains its values, and none of them lies on an edge", () => {
  assert.deepEqual(niceRange(null, 0.4, 99.2, 8), { min: -5, max: 105, step: 20 });
  assert.deepEqual(niceRange(null, -3, 4, 5), { min: -3.5, max: 4.5, step: 2 });
  assert.deepEqual(niceRange(null, 0, 100, 8), { min: -5, max: 105, step: 20 });
});

test("a range stays as long as it fits the values well", () => {
  const range = niceRange(null, 0, 100, 8);
  assert.equal(niceRange(range, 5, 80, 8), range);
  assert.notEqual(niceRange(range, 5, 106, 8), range);
  assert.deepEqual(niceRange(range, 5, 9, 4), { min: 4.75, max: 9.25, step: 1 });
});

test("equal, huge and tiny values have a range with 2 to 12 labels", () => {
  for (const [min, max] of [
    [21.5, 21.5],
    [0, 0],
    [-5, -5],
    [1e300, 1e300],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [0, Number.MIN_VALUE],
    [1e15, 1e15 + 1],
  ]) {
    const range = niceRange(null, min, max, 5);
    const message = `${min}..${max}: ${JSON.stringify(range)}`;
    assert.ok(range.min < range.max && range.step > 0, message);
    const ticks = valueTicks(range);
    assert.ok(ticks.length >= 2 && ticks.length <= 12, `${message}: ${ticks.length} labels`);
    assert.ok(ticks.every(Number.isFinite));
  }
});
