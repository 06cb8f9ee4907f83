import assert from "node:assert/strict";
import { test } from "node:test";

import "./support/paths.js";
import { SeriesPath } from "../chart/seriesPath.js";
import { HistoryColumns } from "../store/historyColumns.js";
import { Series } from "../store/series.js";

/** A canvas of 100 columns, on which 0 is at the bottom and 1 a pixel higher. */
function frameOf(/** @type {number} */ from, /** @type {number} */ to) {
  const pixels = 100 / (to - from);
  return { from, to, left: 0, pixels, column: 1 / pixels, bottom: 0, min: 0, height: -1 };
}

/** @param {[number, number][]} readings */
function seriesOf(readings) {
  const series = new Series("a", 0);
  series.completeFrom = 0;
  series.addReadings(readings.map(([time]) => time), readings.map(([, value]) => value));
  return series;
}

/** @param {Path2D} path @returns {[string, number, number][]} */
const told = (path) => /** @type {any} */ (path).told;

/** Where the path is now, in times and values. @param {SeriesPath} trace @param {any} frame */
function drawn(trace, frame) {
  trace.update(frame, 0);
  const slid = trace.slid(frame);
  return told(trace.path).map(([kind, x, y]) => [
    kind, Math.round(((x - slid) / frame.pixels + frame.from) * 1e6) / 1e6, y,
  ]);
}

/** @param {Series} series @param {any} frame */
const anew = (series, frame) => drawn(new SeriesPath(series), frame);

test("a line goes through its readings and breaks at a gap", () => {
  const series = seriesOf([[0, 5], [1, 6], [2, 7], [20, 8], [21, 9], [40, 3]]);
  const trace = new SeriesPath(series);
  const frame = frameOf(0, 100);
  assert.deepEqual(drawn(trace, frame), [
    ["move", 0, 5], ["line", 1, 6], ["line", 2, 7], ["move", 20, 8], ["line", 21, 9], ["move", 40, 3],
  ]);
  assert.deepEqual(trace.dots, [{ x: 40, y: 3 }], "what no line shows is a dot");
});

test("new readings are appended to the path, and it slides", () => {
  const series = seriesOf([[0, 5], [1, 6]]);
  const trace = new SeriesPath(series);
  trace.update(frameOf(-90, 10), 0);
  const { path } = trace;
  series.addReadings([2, 3], [7, 8]);
  trace.update(frameOf(-88, 12), 0);
  assert.equal(trace.path, path, "it was not made anew");
  assert.deepEqual(drawn(trace, frameOf(-88, 12)), anew(series, frameOf(-88, 12)));
  assert.equal(trace.slid(frameOf(-88, 12)), 2);
});

test("what is late, overwritten, archived or has left the window is drawn where it belongs", () => {
  let seed = 5;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const series = seriesOf([]);
  const trace = new SeriesPath(series);
  let to = 100;
  for (let step = 0; step < 500; step++) {
    const late = random() < 0.2 ? 30 * random() : 0;
    series.addReadings([Math.round((to - late) * 10) / 10], [random()]);
    to += random() < 0.05 ? 20 : 0.3;
    const frame = frameOf(to - 100, to);
    const inside = (/** @type {any[][]} */ points) => points.filter(([, time]) => time > to - 95);
    assert.deepEqual(inside(drawn(trace, frame)).slice(1), inside(anew(series, frame)).slice(1));
  }
});

test("dense readings are drawn as the first, lowest, highest and last of each column", () => {
  let seed = 9;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const readings = Array.from({ length: 5_000 }, (_, i) => /** @type {[number, number]} */ ([i / 50, random()]));
  const series = seriesOf(readings.slice(0, 4_000));
  const trace = new SeriesPath(series);
  const frame = frameOf(0, 100);
  trace.update(frame, 0);
  for (const [time, value] of readings.slice(4_000)) series.addReadings([time], [value]);
  const points = drawn(trace, frame);
  assert.ok(points.length <= 4 * 100);
  const extremes = (/** @type {number[][]} */ some) => {
    /** @type {[number, number][]} */
    const columns = [];
    for (const [time, value] of some) {
      const [low, high] = columns[Math.floor(time + 1e-9)] ?? [Infinity, -Infinity];
      columns[Math.floor(time + 1e-9)] = [Math.min(low, value), Math.max(high, value)];
    }
    return columns;
  };
  const own = points.map(([, time, value]) => [Number(time), Number(value)]);
  assert.deepEqual(extremes(own), extremes(readings));
  assert.ok(own.every(([time], i) => !i || time >= own[i - 1][0]));
});

test("buckets are a line of means in a band from the lowest to the highest", () => {
  const series = new Series("a", 0);
  series.completeFrom = 1_000;
  const answered = {
    unit: null, tier: "raw", bucket: 10, t: [0, 10, 60, 70],
    min: [1, 2, 3, 4], max: [11, 12, 13, 14], mean: [5, 6, 7, 8], count: [9, 9, 9, 9],
  };
  series.addHistory(new HistoryColumns(answered, 0, 1_000, 10));
  const trace = new SeriesPath(series);
  assert.deepEqual(drawn(trace, frameOf(0, 100)), [
    ["move", 5, 5], ["line", 15, 6], ["move", 65, 7], ["line", 75, 8],
  ]);
  assert.deepEqual(told(/** @type {Path2D} */ (trace.band)).slice(0, 5), [
    ["move", 5, 11], ["line", 15, 12], ["line", 15, 2], ["line", 5, 1], ["close"],
  ]);
});

test("buckets shorter than a pixel become one, weighed by their readings", () => {
  const series = new Series("a", 0);
  series.completeFrom = 1_000;
  const answered = {
    unit: null, tier: "raw", bucket: 1, t: [0, 1, 2, 3],
    min: [1, 0, 3, 4], max: [11, 12, 13, 99], mean: [5, 6, 7, 8], count: [1, 1, 3, 1],
  };
  series.addHistory(new HistoryColumns(answered, 0, 1_000, 1));
  const trace = new SeriesPath(series);
  assert.deepEqual(drawn(trace, frameOf(0, 400)), [["move", 2, (5 + 6 + 21 + 8) / 6]]);
  const band = told(/** @type {Path2D} */ (trace.band));
  assert.deepEqual(band.map(([, , y]) => y), [99, 0, undefined]);
});

test("nothing is done for readings that a standing window does not show", () => {
  const series = seriesOf(Array.from({ length: 1_000 }, (_, i) => [i, 1]));
  const trace = new SeriesPath(series);
  trace.update(frameOf(100, 200), 0);
  const { path } = trace;
  series.addReadings([1_000], [5]);
  assert.equal(trace.isBehind, true);
  trace.update(frameOf(100, 200), 1);
  assert.equal(trace.path, path);
  assert.equal(trace.isBehind, false);
});
