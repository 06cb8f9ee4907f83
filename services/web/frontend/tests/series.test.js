import assert from "node:assert/strict";
import { test } from "node:test";

import { HistoryColumns } from "../store/historyColumns.js";
import { Series } from "../store/series.js";

/** @param {[number, number][]} readings */
function seriesOf(readings) {
  const series = new Series("kitchen", 0);
  series.addReadings(readings.map(([time]) => time), readings.map(([, value]) => value));
  return series;
}

/** @param {Series} series */
function readingsOf({ readings }) {
  const { t, mean, start, end } = readings;
  return Array.from(t.subarray(start, end), (time, i) => [time, mean[start + i]]);
}

/** @param {number[]} t @param {number[]} value */
const raw = (t, value) => ({ unit: null, tier: "raw", bucket: null, t, value });

/** @param {number} bucket @param {number[]} t @param {number[]} mean */
const buckets = (bucket, t, mean) => ({
  unit: null, tier: "raw", bucket, t, mean,
  min: mean.map((value) => value - 1), max: mean.map((value) => value + 1), count: t.map(() => 4),
});

test("readings are in the order of their time, whatever order they come in", () => {
  const series = seriesOf([[3, 30], [1, 10], [5, 50], [2, 20], [4, 40]]);
  assert.deepEqual(readingsOf(series), [[1, 10], [2, 20], [3, 30], [4, 40], [5, 50]]);
});

test("the same time again overwrites, also within one frame", () => {
  const series = seriesOf([[1, 10], [2, 20], [2, 21], [3, 30]]);
  series.addReadings([1, 3, 1], [11, 31, 12]);
  assert.deepEqual(readingsOf(series), [[1, 12], [2, 21], [3, 31]]);
  assert.deepEqual(series.newest, { time: 3, value: 31 });
});

test("late readings land where a sorted map would put them", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const expected = new Map();
  const series = new Series("a", 0);
  for (let frame = 0; frame < 400; frame++) {
    const size = 1 + Math.floor(random() * 6);
    const times = Array.from({ length: size }, () => Math.floor(random() * 900));
    const values = times.map(() => random());
    times.forEach((time, i) => expected.set(time, values[i]));
    series.addReadings(times, values);
  }
  assert.deepEqual(readingsOf(series), [...expected].sort((a, b) => a[0] - b[0]));
});

test("history takes the place of what is held up to its end and leaves what is newer", () => {
  const series = seriesOf([[1, 10], [2, 20], [3, 30], [4, 40]]);
  series.replaceNewest(raw([0, 1, 3], [0, 11, 31]), 0);
  assert.deepEqual(readingsOf(series), [[0, 0], [1, 11], [3, 31], [4, 40]]);
});

test("a bucket stands for all of its readings, and takes those that come late", () => {
  const series = seriesOf([[119, 1], [120, 2], [179, 3], [180, 4]]);
  series.replaceNewest(buckets(60, [60, 120], [10, 20]), 60);
  assert.deepEqual(readingsOf(series), [[180, 4]]);
  assert.equal(series.completeFrom, 180);
  series.addReadings([130, 200], [95, 5]);
  assert.deepEqual(readingsOf(series), [[180, 4], [200, 5]]);
  const [layer] = series.layers;
  assert.deepEqual([layer.min[1], layer.max[1], layer.mean[1], layer.count[1]], [19, 95, 35, 5]);
});

test("a year on a wall takes as much room as a day, and loses no extreme", () => {
  const series = new Series("a", 0);
  series.completeFrom = 0;
  const [perFrame, frames] = [2_000, 200];
  for (let frame = 0; frame < frames; frame++) {
    const times = Array.from({ length: perFrame }, (_, i) => (frame * perFrame + i) * 60);
    series.addReadings(times, times.map((time) => (time === 6_000_000 ? 99 : 1)));
  }
  const end = perFrame * frames * 60;
  assert.ok(series.readings.length < 36_000);
  assert.ok(series.readings.t.length <= 65_536);
  assert.ok(series.archive.end <= 8_192);
  assert.deepEqual(series.selectSegments(0, end, end / 1_000).missing, []);
  const summary = series.summary(0, end);
  assert.deepEqual([summary?.min, summary?.max, summary?.count], [1, 99, perFrame * frames]);
});

test("a late reading lands in the archive", () => {
  const series = new Series("a", 0);
  series.completeFrom = 0;
  const times = Array.from({ length: 60_000 }, (_, i) => i);
  series.addReadings(times, times.map(() => 1));
  series.addReadings([100.5], [50]);
  assert.equal(series.summary(90, 110)?.max, 50);
});

test("what is looked at is put together from what fits best", () => {
  const series = new Series("a", 0);
  series.replaceNewest(raw([9_000, 9_500], [1, 2]), 9_000);
  assert.deepEqual(series.selectSegments(0, 10_000, 10).missing, [[0, 9_000]]);
  series.addHistory(new HistoryColumns(buckets(100, [0, 5_000, 8_900], [5, 5, 5]), 0, 10_000, 100));
  // It is drawn, but not fine enough.
  const coarse = series.selectSegments(0, 10_000, 10);
  assert.deepEqual(coarse.segments.map(({ from, to }) => [from, to]), [[0, 9_000], [9_000, 10_000]]);
  assert.deepEqual(coarse.missing, [[0, 9_000]]);
  assert.deepEqual(series.selectSegments(0, 10_000, 100).missing, []);
  series.addHistory(new HistoryColumns(buckets(10, [4_000, 4_010], [7, 7]), 4_000, 6_000, 10));
  const mixed = series.selectSegments(0, 10_000, 10);
  assert.deepEqual(mixed.segments.map(({ source }) => source.bucketSeconds), [100, 10, 100, 0]);
  assert.deepEqual(mixed.missing, [[0, 4_000], [6_000, 9_000]]);
});

test("what was loaded first is loaded finer once it is looked at more closely", () => {
  const series = new Series("a", 0);
  series.replaceNewest(buckets(10, [0, 10, 20], [1, 1, 1]), 0);
  assert.deepEqual(series.selectSegments(0, 30, 10).missing, []);
  assert.deepEqual(series.selectSegments(0, 30, 1).missing, [[0, 30]]);
});

test("the server has nothing finer than what it answers", () => {
  const series = new Series("a", 0);
  series.replaceNewest(raw([], []), 9_000);
  series.addHistory(new HistoryColumns(buckets(3_600, [0, 3_600], [1, 1]), 0, 9_000, 1));
  assert.deepEqual(series.selectSegments(0, 9_000, 1).missing, []);
});

test("single readings that reach up to ours make ours begin earlier", () => {
  const series = new Series("a", 0);
  series.replaceNewest(raw([100, 110], [1, 2]), 100);
  series.addHistory(new HistoryColumns(raw([50, 60, 100], [5, 6, 99]), 40, 120, 1));
  assert.deepEqual(readingsOf(series), [[50, 5], [60, 6], [100, 1], [110, 2]]);
  assert.equal(series.completeFrom, 40);
  assert.equal(series.layers.length, 0);
});

test("only so many stretches of history are held", () => {
  const series = new Series("a", 0);
  series.replaceNewest(raw([], []), 1e6);
  for (let i = 0; i < 50; i++) {
    series.addHistory(new HistoryColumns(buckets(1, [i * 100], [1]), i * 100, i * 100 + 50, 1));
  }
  assert.ok(series.layers.length <= 6);
});

test("forgotten history is shown until it has been loaded anew", () => {
  const series = new Series("a", 0);
  series.replaceNewest(raw([], []), 9_000);
  series.addHistory(new HistoryColumns(buckets(10, [0, 10], [1, 1]), 0, 9_000, 10));
  series.clear();
  series.replaceNewest(raw([9_950], [1]), 9_940);
  assert.deepEqual(series.selectSegments(0, 100, 10).missing, [[0, 100]]);
  assert.equal(series.selectSegments(0, 100, 10).segments[0].end, 2);
  series.addHistory(new HistoryColumns(buckets(10, [0], [1]), 0, 9_940, 10));
  assert.equal(series.layers.length, 1);
});

test("of a bucket that was cut nothing is said, of one that is still filled all there is", () => {
  const answered = buckets(100, [0, 100, 200, 300], [1, 2, 3, 4]);
  const cut = new HistoryColumns(answered, 30, 330, 10, 5_000);
  assert.deepEqual([cut.from, cut.to], [100, 300]);
  const newest = new HistoryColumns(answered, 30, 330, 10, 330);
  assert.deepEqual([newest.from, newest.to], [100, 330]);
});

test("a mean that no number can hold is between the lowest and the highest", () => {
  const huge = { ...buckets(10, [0], [0]), min: [1e308], max: [1.5e308], mean: [null] };
  assert.equal(new HistoryColumns(huge, 0, 10, 10).mean[0], 1.25e308);
});

test("a gap is five usual intervals, and at least three seconds", () => {
  assert.equal(seriesOf([]).readings.gapSeconds, 3);
  assert.equal(seriesOf([[0, 0], [0.1, 0], [0.2, 0]]).readings.gapSeconds, 3);
  assert.equal(seriesOf([[0, 0], [10, 0], [20, 0], [500, 0], [510, 0]]).readings.gapSeconds, 50);
});

test("an empty bucket between others is a gap, if readings are usually closer than that", () => {
  assert.equal(new HistoryColumns(buckets(60, [0, 60, 120, 180], [1, 1, 1, 1]), 0, 240, 60).gapSeconds, 90);
  const few = { ...buckets(60, [0, 60, 120], [1, 1, 1]), count: [1, 1, 1] };
  assert.equal(new HistoryColumns(few, 0, 180, 60).gapSeconds, 300);
});

test("the reading at a time is the nearest, and in a gap there is none", () => {
  const series = seriesOf([[0, 0], [1, 10], [2, 20], [60, 30], [61, 40]]);
  assert.equal(series.nearest(1.2, 5)?.value, 10);
  assert.equal(series.nearest(1.6, 5)?.value, 20);
  assert.equal(series.nearest(3, 5), null);
  assert.equal(series.nearest(30, 5), null);
  assert.equal(series.nearest(61.5, 5)?.value, 40);
  assert.equal(series.nearest(90, 5), null);
});

test("the mean of buckets is weighed by their readings", () => {
  const series = new Series("a", 0);
  series.replaceNewest(raw([], []), 1e6);
  const columns = { ...buckets(10, [0, 10], [10, 20]), count: [1, 3] };
  series.addHistory(new HistoryColumns(columns, 0, 100, 10));
  const summary = series.summary(0, 100);
  assert.deepEqual(summary, { min: 9, max: 21, mean: 17.5, count: 4 });
  assert.equal(series.summary(50, 60), null);
});
