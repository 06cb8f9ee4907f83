import assert from "node:assert/strict";
import { test } from "node:test";

import { chartIntervals, chooseFirstSpan, intervalOf } from "../view/firstSpan.js";

/** @param {number} interval @param {string | null} unit */
const every = (interval, unit = "°C", count = 10) => ({
  unit,
  t: Array.from({ length: count }, (_, i) => i * interval),
});

test("the interval between readings comes from single readings or from buckets", () => {
  assert.equal(intervalOf(every(120)), 120);
  assert.equal(intervalOf({ unit: null, t: [0, 900, 1_800], count: [9, 9, 1] }), 100);
  assert.equal(intervalOf(every(1, "W", 2)), null);
});

test("fast readings get a minute and slow ones a window with points", () => {
  for (const [interval, span] of [[0.005, 60], [1, 60], [1.02, 60], [5, 300], [10, 900],
    [60, 3_600], [120, 21_600], [900, 86_400], [3_600, 604_800]]) {
    assert.equal(chooseFirstSpan([interval], 0), span, `every ${interval} s`);
  }
});

test("the slowest chart has points, too, within a day", () => {
  assert.equal(chooseFirstSpan([1, 120], 0), 3_600);
  assert.equal(chooseFirstSpan([1, 86_400], 0), 86_400);
});

test("the window reaches the newest reading", () => {
  assert.equal(chooseFirstSpan([1], 600), 900);
  assert.equal(chooseFirstSpan([], 3 * 86_400), 604_800);
  assert.equal(chooseFirstSpan([], 400 * 86_400), Infinity);
  assert.equal(chooseFirstSpan([], 0), 60);
});

test("a chart has the median interval of its series", () => {
  const all = [every(1), every(2), every(600), every(9, "W"), every(5, "V", 1)];
  assert.deepEqual(chartIntervals(all), [2, 9]);
});
