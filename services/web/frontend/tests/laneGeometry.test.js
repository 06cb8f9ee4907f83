import assert from "node:assert/strict";
import test from "node:test";

import { barLeft, barWidth } from "../chart/barGeometry.js";
import { eventValue, mergeRuns, placeLane } from "../chart/laneGeometry.js";

/** @param {number} from @param {number} to @param {number} value */
const run = (from, to, value) => ({ from, to, min: value, max: value, mean: value });

test("lanes share the height, with the name above the band", () => {
  const area = { top: 10, bottom: 110 };
  const [first, second] = [0, 1].map((index) => placeLane(area, index, 2));
  assert.ok(first.bottom <= 60 && second.top >= 60);
  assert.ok(first.nameY !== null && first.nameY < first.top);
  assert.equal(placeLane({ top: 0, bottom: 20 }, 0, 2).nameY, null);
});

test("the compared time is below the band, within the lane", () => {
  const { bottom, ghost } = placeLane({ top: 0, bottom: 46 }, 0, 1, true);
  assert.ok(ghost && ghost.top > bottom && ghost.bottom <= 46);
});

test("runs shorter than a column become one cell with their share of the time", () => {
  const cells = mergeRuns([run(0, 10, 0), run(10, 10.2, 1), run(10.2, 10.8, 0), run(11, 20, 1)], 1);
  assert.deepEqual(cells.map(({ from, to }) => [from, to]), [[0, 10], [10, 10.8], [11, 20]]);
  assert.equal(cells[1].max, 1);
  assert.ok(Math.abs(cells[1].mean - 0.25) < 1e-9);
});

test("a short value between two long ones is an event, also where a bucket has both", () => {
  const bucket = { from: 10, to: 12, min: 0, max: 1, mean: 0.1 };
  assert.equal(eventValue([run(0, 10, 0), run(10, 11, 1), run(11, 20, 0)], 1, 1), 1);
  assert.equal(eventValue([run(0, 10, 0), bucket, run(12, 20, 0)], 1, 1), 1);
  assert.equal(eventValue([run(0, 10, 1), bucket, run(12, 20, 1)], 1, 1), 0);
});

test("a long value, and one at the start of another value, are no events", () => {
  assert.equal(eventValue([run(0, 10, 0), run(10, 15, 1), run(15, 25, 0)], 1, 1), null);
  assert.equal(eventValue([run(0, 10, 0), run(10, 11, 1), run(11, 20, 2)], 1, 1), null);
  assert.equal(eventValue([run(0, 10, 0), run(10, 11, 1)], 1, 1), null);
  assert.equal(eventValue([run(0, 10, 0), run(10, 11, 1), run(11, 12, 0)], 1, 1), null);
});

test("bars of a period stand side by side within it", () => {
  const [a, b] = [0, 1].map((index) => barLeft(100, 150, index, 2));
  const width = barWidth(50, 2);
  assert.ok(a > 100 && a + width <= b && b + width < 150);
});
