import assert from "node:assert/strict";
import { test } from "node:test";

import { readingCells, seriesCells, SERIES_TITLES, valueColumn } from "../page/dialogs/readingCells.js";
import { HistoryColumns } from "../store/historyColumns.js";
import { Series } from "../store/series.js";

/**
 * @param {import("../store/seriesDescription.js").SeriesKind} kind
 * @param {Partial<Series>} [settings]
 */
function seriesOf(kind, settings = {}) {
  const series = Object.assign(new Series("front door"), { kind }, settings);
  series.completeFrom = 0;
  return series;
}

/**
 * @param {Series} series
 * @param {{ from: number, to: number, now?: number, live?: boolean }} view
 */
function cellsOf(series, { from, to, now = to, live = true }) {
  const cells = seriesCells(series, { from, to, now, live });
  return Object.fromEntries(SERIES_TITLES.map((title, i) => [title, cells[i]]));
}

/**
 * @param {number} min
 * @param {number} max
 */
const bucket = (min, max) => ({ value: (min + max) / 3, min, max, bucketSeconds: 60 });

test("a measure has its mean and extremes, with its decimals", () => {
  const series = seriesOf("measure", { unit: "°C" });
  series.addReadings([10, 20], [21.9, 22.3]);
  const [low, mean, high] = [21.9, 22.1, 22.3].map((value) => `${value.toLocaleString()} °C`);
  assert.deepEqual(cellsOf(series, { from: 0, to: 60 }), {
    Last: high, Min: low, Mean: mean, Max: high, States: "–", Readings: "2",
  });
});

test("a state has words and shares of the time, not the mean of its readings", () => {
  const series = seriesOf("state");
  // Open for 10 of 100 s, although one of two readings says so.
  series.addReadings([0, 10], [1, 0]);
  assert.deepEqual(cellsOf(series, { from: 0, to: 100 }), {
    Last: "closed", Min: "–", Mean: "–", Max: "–", States: "open 10%, changes 1", Readings: "2",
  });
});

test("a state is held from before the window, and unknown before its first reading", () => {
  const series = seriesOf("state");
  series.addReadings([100], [1]);
  const later = { from: 200, to: 300, now: 1_000, live: false };
  const { Last, States, Readings } = cellsOf(series, later);
  assert.deepEqual({ Last, States, Readings }, {
    Last: "open", States: "open 100%, changes 0", Readings: "0",
  });
  const before = cellsOf(series, { from: 10, to: 50, now: 1_000, live: false });
  assert.deepEqual([before.Last, before.States], ["–", "–"]);
});

test("a state that ends in a bucket of several values has all of their words", () => {
  const series = seriesOf("state");
  series.completeFrom = 600;
  const history = {
    unit: null, tier: "raw", bucket: 60, t: [0, 60], min: [0, 0], max: [0, 1], mean: [0, 0.35],
    count: [2, 3],
  };
  series.addHistory(new HistoryColumns(history, 0, 600, 60));
  const cells = cellsOf(series, { from: 0, to: 120, now: 1_000, live: false });
  assert.equal(cells.Last, "closed and open");
});

test("a counter has no mean", () => {
  const series = seriesOf("counter", { unit: "kWh" });
  series.addReadings([10, 20], [100, 101]);
  const { Min, Mean, Max } = cellsOf(series, { from: 0, to: 60 });
  assert.deepEqual([Min, Mean, Max], ["100 kWh", "–", "101 kWh"]);
});

test("a paused table has the last value of its window, and none before the data", () => {
  const series = seriesOf("measure");
  series.addReadings([10, 20, 90], [1, 2, 3]);
  assert.equal(cellsOf(series, { from: 0, to: 60, now: 100, live: false }).Last, "2");
  const empty = cellsOf(series, { from: 30, to: 60, now: 100, live: false });
  assert.deepEqual(Object.values(empty), ["–", "–", "–", "–", "–", "0"]);
});

test("a single reading has the decimals of its series, and its title all that were sent", () => {
  const series = seriesOf("measure", { unit: "W" });
  series.addReadings([1, 2], [20.5, 21.123456]);
  const row = { value: 21.123456, min: 21.123456, max: 21.123456, bucketSeconds: 0 };
  const [value, range] = readingCells(series, row);
  assert.deepEqual(value, {
    text: `${(21.12).toLocaleString()} W`,
    title: `${(21.123456).toLocaleString(undefined, { maximumFractionDigits: 6 })} W`,
  });
  assert.deepEqual(range, { text: "" });
  assert.equal(readingCells(series, { ...row, value: 20.5 })[0].title, undefined);
});

test("a bucket of a measure has a mean, that of a state and of a counter has none", () => {
  const measure = seriesOf("measure");
  measure.addReadings([1, 2], [1, 5]);
  assert.deepEqual(readingCells(measure, bucket(1, 5)).map(({ text }) => text), ["2.0", "1 to 5"]);
  const counter = seriesOf("counter");
  counter.addReadings([1, 2], [1, 5]);
  assert.deepEqual(readingCells(counter, bucket(1, 5)).map(({ text }) => text), ["–", "1 to 5"]);
  const door = seriesOf("state");
  assert.deepEqual(readingCells(door, bucket(0, 1)).map(({ text }) => text), ["–", "closed and open"]);
  assert.deepEqual(readingCells(door, bucket(1, 1)).map(({ text }) => text), ["open", ""]);
});

test("the column says whether its values are means", () => {
  const row = (/** @type {Series} */ series, /** @type {number} */ bucketSeconds) => {
    return { series, bucketSeconds };
  };
  const [measure, door] = [seriesOf("measure"), seriesOf("state")];
  assert.deepEqual(valueColumn([row(measure, 0)]), { title: "Value", hasRanges: false });
  assert.deepEqual(valueColumn([row(measure, 60)]), { title: "Mean", hasRanges: true });
  assert.deepEqual(valueColumn([row(door, 60)]), { title: "Value", hasRanges: true });
  const mixed = [row(measure, 60), row(door, 60)];
  assert.deepEqual(valueColumn(mixed), { title: "Value or mean", hasRanges: true });
});
