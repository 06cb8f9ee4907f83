import assert from "node:assert/strict";
import { test } from "node:test";

import "./support/path2d.js";
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

test("buckets become a line of means, in a band from the minima to the maxima", () => {
  const series = bucketSeriesOf({
    unit: null, tier: "raw", bucket: 10, t: [0, 10, 60, 70],
    min: [1, 2, 3, 4], max: [11, 12, 13, 14], mean: [5, 6, 7, 8], count: [9, 9, 9, 9],
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
    min: [1, 0, 3, 4], max: [11, 12, 13, 99], mean: [5, 6, 7, 8], count: [1, 1, 3, 1],
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
