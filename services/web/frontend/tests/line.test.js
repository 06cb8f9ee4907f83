import assert from "node:assert/strict";
import { test } from "node:test";

import { lineOf } from "../store/line.js";
import { Series } from "../store/series.js";

/** @param {[number, number][]} readings */
function seriesOf(readings) {
  const series = new Series("a", 0);
  series.add(readings.map(([time]) => time), readings.map(([, value]) => value));
  return series;
}

test("the line breaks where readings are missing, and nowhere else", () => {
  const series = seriesOf([[0, 1], [1, 2], [2, 3], [20, 4], [21, 5]]);
  const { points, lone } = lineOf(series, 0, 30, 0.1);
  assert.deepEqual(points.map(({ x }) => x), [0, 1, 2, 11, 20, 21]);
  assert.ok(Number.isNaN(points[3].y));
  assert.deepEqual(lone, []);
});

test("a reading with a gap on both sides is found, for no line shows it", () => {
  const series = seriesOf([[0, 1], [1, 2], [2, 2], [50, 3], [100, 4], [101, 5]]);
  const { points, lone } = lineOf(series, 0, 110, 0.1);
  assert.deepEqual(lone.map((i) => points[i].x), [50]);
  assert.deepEqual(lineOf(seriesOf([[5, 1]]), 0, 10, 0.1).lone, [0]);
});

test("the line comes in from the reading before the window; only what is inside is counted", () => {
  const series = seriesOf([[0, 9], [1, 1], [2, 2], [3, 3], [4, 4]]);
  const line = lineOf(series, 2, 3.5, 0.01);
  assert.deepEqual(line.points.map(({ x }) => x), [1, 2, 3, 4]);
  assert.equal(line.count, 2);
  assert.deepEqual([line.low, line.high], [1, 4]);
});

test("dense readings become the extremes of columns that don't move with the window", () => {
  const readings = /** @type {[number, number][]} */ ([]);
  for (let i = 0; i < 20_000; i++) readings.push([i / 100, i === 7_777 ? 500 : Math.sin(i / 50)]);
  const series = seriesOf(readings);
  const first = lineOf(series, 50, 150, 1);
  assert.ok(first.points.length <= 2 * 102, `${first.points.length} points`);
  assert.ok(first.points.some(({ y }) => y === 500), "the spike is there");
  const later = lineOf(series, 50.4, 150.4, 1);
  const inner = (/** @type {any} */ { points }) => points.filter(({ x }) => x >= 52 && x < 149);
  assert.deepEqual(inner(later), inner(first));
});

test("nothing is drawn of nothing", () => {
  assert.deepEqual(lineOf(seriesOf([]), 0, 60, 1), {
    points: [], lone: [], count: 0, low: Infinity, high: -Infinity,
  });
});
