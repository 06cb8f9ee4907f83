import assert from "node:assert/strict";
import { test } from "node:test";

import "./support/path2d.js";
import { BucketPath } from "../chart/bucketPath.js";
import { SeriesPath } from "../chart/seriesPath.js";
import { HistoryColumns } from "../store/historyColumns.js";
import { Series } from "../store/series.js";
import { seededRandom } from "./support/random.js";

/** @typedef {import("../chart/viewport.js").Viewport} Viewport */

/**
 * Return a viewport of 100 pixel columns in which a value is its own pixel.
 *
 * @param {number} from
 * @param {number} to
 * @returns {Viewport}
 */
function viewportOf(from, to) {
  const pixelsPerSecond = 100 / (to - from);
  const scales = { left: 0, pixelsPerSecond, bottom: 0, min: 0, pixelsPerUnit: -1 };
  return { from, to, columnSeconds: 1 / pixelsPerSecond, ...scales };
}

/** @param {[number, number][]} readings */
function seriesOf(readings) {
  const series = new Series("a");
  series.completeFrom = 0;
  series.addReadings(readings.map(([time]) => time), readings.map(([, value]) => value));
  return series;
}

/** @param {import("../store/historyColumns.js").SeriesHistory} history */
function bucketSeriesOf(history) {
  const series = new Series("a");
  series.completeFrom = 1_000;
  series.addHistory(new HistoryColumns(history, 0, 1_000, history.bucket ?? 0));
  return series;
}

/**
 * @param {Path2D} path
 * @returns {[string, number, number][]}
 */
const commandsOf = (path) => /** @type {any} */ (path).commands;

/**
 * Update a path, and return its commands with times and values for pixels.
 *
 * @param {SeriesPath} seriesPath
 * @param {Viewport} viewport
 */
function updatedCommands(seriesPath, viewport) {
  seriesPath.update(viewport, 0);
  const offset = seriesPath.offset(viewport);
  return commandsOf(seriesPath.path).map(([command, x, y]) => {
    const time = (x - offset) / viewport.pixelsPerSecond + viewport.from;
    return [command, Math.round(time * 1e6) / 1e6, y];
  });
}

/**
 * Return the commands of a path that is built for this viewport.
 *
 * @param {Series} series
 * @param {Viewport} viewport
 */
const builtCommands = (series, viewport) => updatedCommands(new SeriesPath(series), viewport);

test("a line connects its readings, breaks at a gap, and shows isolated ones as dots", () => {
  const series = seriesOf([[0, 5], [1, 6], [2, 7], [20, 8], [21, 9], [40, 3]]);
  const seriesPath = new SeriesPath(series);
  assert.deepEqual(updatedCommands(seriesPath, viewportOf(0, 100)), [
    ["move", 0, 5], ["line", 1, 6], ["line", 2, 7],
    ["move", 20, 8], ["line", 21, 9],
    ["move", 40, 3],
  ]);
  assert.deepEqual(seriesPath.dots, [{ x: 40, y: 3 }]);
});

test("new readings are appended to the path, which slides with the window", () => {
  const series = seriesOf([[0, 5], [1, 6]]);
  const seriesPath = new SeriesPath(series);
  seriesPath.update(viewportOf(-90, 10), 0);
  const { path } = seriesPath;
  const moved = viewportOf(-88, 12);
  series.addReadings([2, 3], [7, 8]);
  seriesPath.update(moved, 0);
  assert.equal(seriesPath.path, path, "the path was rebuilt");
  assert.deepEqual(updatedCommands(seriesPath, moved), builtCommands(series, moved));
  assert.equal(seriesPath.offset(moved), 2);
});

test("an updated path equals a rebuilt one after late, replaced and archived readings", () => {
  const random = seededRandom(5);
  const series = seriesOf([]);
  const seriesPath = new SeriesPath(series);
  let to = 100;
  for (let step = 0; step < 500; step++) {
    const delay = random() < 0.2 ? 30 * random() : 0;
    series.addReadings([Math.round((to - delay) * 10) / 10], [random()]);
    to += random() < 0.05 ? 20 : 0.3;
    const viewport = viewportOf(to - 100, to);
    const inWindow = (/** @type {any[][]} */ commands) =>
      commands.filter(([, time]) => time > to - 95).slice(1);
    const updated = updatedCommands(seriesPath, viewport);
    assert.deepEqual(inWindow(updated), inWindow(builtCommands(series, viewport)));
  }
});

test("dense readings become at most four points of a pixel column, with its extremes", () => {
  const random = seededRandom(9);
  const readings = Array.from({ length: 5_000 }, (_, i) =>
    /** @type {[number, number]} */ ([i / 50, random()]),
  );
  const series = seriesOf(readings.slice(0, 4_000));
  const seriesPath = new SeriesPath(series);
  const viewport = viewportOf(0, 100);
  seriesPath.update(viewport, 0);
  for (const [time, value] of readings.slice(4_000)) series.addReadings([time], [value]);
  const commands = updatedCommands(seriesPath, viewport);
  assert.ok(commands.length <= 4 * 100);
  const extremes = (/** @type {number[][]} */ points) => {
    /** @type {[number, number][]} */
    const columns = [];
    for (const [time, value] of points) {
      const column = Math.floor(time + 1e-9);
      const [min, max] = columns[column] ?? [Infinity, -Infinity];
      columns[column] = [Math.min(min, value), Math.max(max, value)];
    }
    return columns;
  };
  const points = commands.map(([, time, value]) => [Number(time), Number(value)]);
  assert.deepEqual(extremes(points), extremes(readings));
  assert.ok(points.every(([time], i) => !i || time >= points[i - 1][0]));
});

test("buckets of few readings become a line through their extremes, as readings do", () => {
  const series = bucketSeriesOf({
    unit: null, tier: "raw", bucket: 10, t: [0, 10, 20, 60, 70],
    min: [1, 2, 4, 6, 3], max: [2, 9, 6, 8, 3], mean: [1.8, 5, 5, 7.5, 3], count: [9, 16, 16, 9, 1],
  });
  const seriesPath = new SeriesPath(series);
  assert.deepEqual(updatedCommands(seriesPath, viewportOf(0, 100)), [
    ["move", 5, 2], ["line", 5, 1], ["line", 15, 2], ["line", 15, 9], ["line", 25, 6], ["line", 25, 4],
    ["move", 65, 8], ["line", 65, 6], ["line", 75, 3],
  ]);
  assert.deepEqual(commandsOf(/** @type {Path2D} */ (seriesPath.band)), []);
});

test("a picture at the limit of density keeps its look", () => {
  const isDense = (/** @type {number} */ count, /** @type {boolean} */ wasDense) => {
    const path = new BucketPath(viewportOf(0, 100), wasDense);
    const source = {
      t: [0, 10], min: [1, 2], max: [3, 4], mean: [2, 3], count: [count, count],
      bucketSeconds: 10, gapSeconds: 30,
    };
    path.addSegment(/** @type {any} */ ({ source, start: 0, end: 2 }));
    path.finish();
    return path.isDense;
  };
  assert.deepEqual([12, 13, 16, 17].map((count) => isDense(count, false)), [false, false, false, true]);
  assert.deepEqual([12, 13, 16, 17].map((count) => isDense(count, true)), [false, true, true, true]);
});

test("a wave looks the same loaded in buckets and live", () => {
  const columnSeconds = 0.05;
  const wave = (/** @type {number} */ time) => Math.sin(2 * Math.PI * 12.5 * time);
  const timesFrom = (/** @type {number} */ from) => Array.from({ length: 400 }, (_, i) => from + i / 200);
  const t = Array.from({ length: 40 }, (_, i) => i * columnSeconds);
  const values = t.map((start) => Array.from({ length: 10 }, (_, i) => wave(start + i / 200)));
  const series = new Series("a");
  series.completeFrom = 2;
  const history = {
    unit: null, tier: "raw", bucket: columnSeconds, t,
    min: values.map((all) => Math.min(...all)), max: values.map((all) => Math.max(...all)),
    mean: values.map((all) => all.reduce((sum, one) => sum + one) / 10), count: values.map(() => 10),
  };
  series.addHistory(new HistoryColumns(history, 0, 2, columnSeconds));
  const live = timesFrom(2);
  series.addReadings(live, live.map(wave));
  const commands = updatedCommands(new SeriesPath(series), viewportOf(-0.5, 4.5));
  const heights = [0, 1, 2, 3].map((from) => {
    const ys = commands.filter(([, time]) => time >= from && time < from + 1).map(([, , y]) => y);
    const steps = ys.slice(1).map((y, i) => Math.abs(y - ys[i]));
    return steps.reduce((sum, step) => sum + step) / steps.length;
  });
  assert.ok(Math.min(...heights) > 0.9, `${heights}`);
  assert.ok(Math.max(...heights) / Math.min(...heights) < 1.05, `${heights}`);
});

test("buckets become a line of means, in a band from the minima to the maxima", () => {
  const series = bucketSeriesOf({
    unit: null, tier: "raw", bucket: 10, t: [0, 10, 60, 70],
    min: [1, 2, 3, 4], max: [11, 12, 13, 14], mean: [5, 6, 7, 8], count: [99, 99, 99, 99],
  });
  const seriesPath = new SeriesPath(series);
  assert.deepEqual(updatedCommands(seriesPath, viewportOf(0, 100)), [
    ["move", 5, 5], ["line", 15, 6], ["move", 65, 7], ["line", 75, 8],
  ]);
  assert.deepEqual(commandsOf(/** @type {Path2D} */ (seriesPath.band)).slice(0, 5), [
    ["move", 5, 11], ["line", 15, 12], ["line", 15, 2], ["line", 5, 1], ["close"],
  ]);
});

test("buckets shorter than a pixel column are merged, weighted by their readings", () => {
  const series = bucketSeriesOf({
    unit: null, tier: "raw", bucket: 1, t: [0, 1, 2, 3],
    min: [1, 0, 3, 4], max: [11, 12, 13, 99], mean: [5, 6, 7, 8], count: [10, 10, 30, 10],
  });
  const seriesPath = new SeriesPath(series);
  const mean = (5 + 6 + 21 + 8) / 6;
  assert.deepEqual(updatedCommands(seriesPath, viewportOf(0, 400)), [["move", 2, mean]]);
  const band = commandsOf(/** @type {Path2D} */ (seriesPath.band));
  assert.deepEqual(band.map(([, , y]) => y), [99, 0, undefined]);
});

test("a paused window that does not show the new readings keeps its path", () => {
  const series = seriesOf(Array.from({ length: 1_000 }, (_, i) => [i, 1]));
  const seriesPath = new SeriesPath(series);
  seriesPath.update(viewportOf(100, 200), 0);
  const { path } = seriesPath;
  series.addReadings([1_000], [5]);
  assert.equal(seriesPath.isOutdated, true);
  seriesPath.update(viewportOf(100, 200), 1);
  assert.equal(seriesPath.path, path);
  assert.equal(seriesPath.isOutdated, false);
});
