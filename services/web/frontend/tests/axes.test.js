import assert from "node:assert/strict";
import { test } from "node:test";

import { fitRange } from "../chart/range.js";
import { timeTicks, valueTicks } from "../chart/ticks.js";

test("time labels stand on full steps and stay there while the window slides", () => {
  const { step, times } = timeTicks(1_000_003, 1_000_063, 10, 0);
  assert.equal(step, 10);
  assert.deepEqual(times, [1_000_010, 1_000_020, 1_000_030, 1_000_040, 1_000_050, 1_000_060]);
  const later = timeTicks(1_000_003.7, 1_000_063.7, 10, 0).times;
  assert.deepEqual(later, times);
});

test("there are never more labels than there is room for", () => {
  for (let span = 1; span < 40 * 86_400; span *= 1.37) {
    for (const most of [1, 3, 10]) {
      const { times } = timeTicks(1_793_760_000.5, 1_793_760_000.5 + span, most, 3_600);
      assert.ok(times.length <= most + 1, `${times.length} labels for ${span} s`);
    }
  }
});

test("steps are full in the zone, not in UTC", () => {
  const offset = 20_700; // five hours and three quarters
  const { step, times } = timeTicks(0, 7_200, 4, offset);
  assert.equal(step, 1_800);
  assert.ok(times.every((time) => (time + offset) % 1_800 === 0));
});

test("an axis holds its values on full steps", () => {
  assert.deepEqual(fitRange(null, 0.4, 99.2, 8), { min: 0, max: 100, step: 20 });
  assert.deepEqual(fitRange(null, -3, 4, 5), { min: -4, max: 4, step: 2 });
});

test("an axis stays as long as the values fit it well", () => {
  const axis = fitRange(null, 0, 100, 8);
  assert.equal(fitRange(axis, 5, 80, 8), axis);
  assert.notEqual(fitRange(axis, 5, 101, 8), axis);
  assert.deepEqual(fitRange(axis, 5, 9, 4), { min: 5, max: 9, step: 1 });
});

test("flat, huge and tiny values get an axis too", () => {
  for (const [low, high] of [
    [21.5, 21.5],
    [0, 0],
    [-5, -5],
    [1e300, 1e300],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [0, Number.MIN_VALUE],
    [1e15, 1e15 + 1],
  ]) {
    const axis = fitRange(null, low, high, 5);
    assert.ok(axis.min < axis.max && axis.step > 0, `${low}..${high}: ${JSON.stringify(axis)}`);
    const ticks = valueTicks(axis);
    assert.ok(ticks.length >= 2 && ticks.length <= 12, `${low}..${high}: ${ticks.length} labels`);
    assert.ok(ticks.every(Number.isFinite));
  }
});
